import { gzipSync } from 'node:zlib'
import {
  HEADER_INFO,
  ROOTFS_INFO,
  entry,
  followed,
  header,
  headerOf,
  info,
  infoText,
  malformed,
  typeInfo,
  types,
  typesText,
} from './malformed.cases.ts'
import { type RawEntry, brokenArtifact, bytesOf, rawTar } from './samples.cases.ts'

const stored = (storedHeader: Uint8Array, headerName = 'header.tar.gz') => brokenArtifact({ headerName, storedHeader })
const sound = rawTar(headerOf(typeInfo))
const script = (name: string, text = '') => header(...headerOf(entry(`scripts/${name}`, text), typeInfo))
const provides = (artifact_provides: unknown) => info({ ...HEADER_INFO, artifact_provides })
const depends = (more: object) => info({ ...HEADER_INFO, artifact_depends: { device_type: ['d'], ...more } })
const devices = (device_type: unknown) => info({ ...HEADER_INFO, artifact_depends: { device_type } })
const payloads = (value: unknown) => info({ ...HEADER_INFO, payloads: value })
const meta = (text: string | Uint8Array) => header(...headerOf(typeInfo, entry('headers/0000/meta-data', text)))
const withTypes = (more: object) => types({ type: 'script', ...more })
const also = (...names: string[]): RawEntry[] => names.map((name) => entry(name))

/** Rules of header.tar: what stands in it, in which order, and how it is packed (mender-artifact format, 1.6). */
const ENTRIES = malformed([
  ['a header that is no gzip', stored(bytesOf('junk'.repeat(100))), /header.tar: damaged gzip data/],
  ['a header with a suffix it does not have', stored(gzipSync(sound), 'header.tar'), /(not a tar header|ends at byte)/],
  ['a header in gzip that is not said to be', stored(sound), /header.tar: damaged gzip data/],
  ['a header in lzma', brokenArtifact({ headerName: 'header.tar.xz' }), /header.tar: it is no xz data/],
  ['a header in zstd that is none', brokenArtifact({ headerName: 'header.tar.zst' }), /header.tar: /],
  ['a header cut short', stored(gzipSync(sound).subarray(0, -9)), /header.tar: damaged gzip data: unexpected end/, 'peer takes it'],
  ['a header with something behind its gzip', stored(followed(gzipSync(sound), 'junkjunkjunk')), /header.tar: /, 'peer takes it'],
  [
    'a header with something behind its tar',
    stored(gzipSync(followed(sound, 'x'.repeat(512)))),
    /something follows the end/,
    'peer takes it',
  ],
  ['a header without an end', stored(gzipSync(sound.slice(0, -1024))), /header.tar ends at byte/, 'peer takes it'],
  ['an empty header', header(), /header-info is missing where the archive ends/],
  [
    'header-info under another name',
    header(entry('header-info-foo', JSON.stringify(HEADER_INFO)), typeInfo),
    /missing where "header-info-foo"/,
    'peer takes it',
  ],
  ['./header-info', header(entry('./header-info', JSON.stringify(HEADER_INFO)), typeInfo), /name ".\/header-info" is not acceptable/],
  ['header-info twice', header(...headerOf(...headerOf(typeInfo))), /type-info is missing where "header-info"/],
  ['type-info before header-info', header(typeInfo, ...headerOf()), /header-info is missing where "headers\/0000\/type-info"/],
  ['no type-info', header(...headerOf()), /type-info is missing where the archive ends/],
  ['type-info twice', header(...headerOf(typeInfo, typeInfo)), /"headers\/0000\/type-info" does not belong there/, 'peer takes it'],
  [
    'meta-data before type-info',
    header(...headerOf(entry('headers/0000/meta-data'), typeInfo)),
    /missing where "headers\/0000\/meta-data"/,
    'peer takes it',
  ],
  [
    'meta-data twice',
    header(...headerOf(typeInfo, ...also('headers/0000/meta-data', 'headers/0000/meta-data'))),
    /does not belong there/,
    'peer takes it',
  ],
  [
    'headers of a second payload',
    header(...headerOf(typeInfo, entry('headers/0001/type-info', '{}'))),
    /"headers\/0001\/type-info" does not belong/,
  ],
  [
    'type-info with a short index',
    header(...headerOf({ ...typeInfo, name: 'headers/0/type-info' })),
    /missing where "headers\/0\/type-info"/,
    'peer takes it',
  ],
  [
    'type-info in another folder',
    header(...headerOf({ ...typeInfo, name: 'foo/0000/type-info' })),
    /missing where "foo\/0000\/type-info"/,
    'peer takes it',
  ],
  ['an unknown entry of the payload', header(...headerOf(typeInfo, ...also('headers/0000/foo'))), /"headers\/0000\/foo" does not belong/],
  [
    'the list of files of format 2',
    header(...headerOf(entry('headers/0000/files', '{"files":["update.sh"]}'), typeInfo)),
    /missing where "headers\/0000\/files"/,
  ],
  ['an unknown entry', header(...headerOf(typeInfo, ...also('foo'))), /"foo" does not belong there/],
  ['a path out of the folder', header(...headerOf(entry('scripts/../x'), typeInfo)), /is not acceptable/],
  ['a script after the headers', header(...headerOf(typeInfo, entry('scripts/ArtifactInstall_Enter_01'))), /does not belong there/],
  [
    'a script twice',
    header(...headerOf(...also('scripts/ArtifactInstall_Enter_01', 'scripts/ArtifactInstall_Enter_01'), typeInfo)),
    /is there twice/,
    'peer takes it',
  ],
])

/** Names that the client does not run, and refuses the artifact for. */
const SCRIPTS = malformed([
  [
    'a script with a name that only begins well',
    script('ArtifactInstall_Enter_01.sh'),
    /is not the name of a state script/,
    'peer takes it',
  ],
  ['a script with three digits', script('ArtifactInstall_Enter_011'), /is not the name of a state script/, 'peer takes it'],
  ['a script with one digit', script('ArtifactInstall_Enter_1'), /is not the name of a state script/, 'peer takes it'],
  ['a script without a number', script('ArtifactInstall_Enter'), /is not the name of a state script/, 'peer takes it'],
  ['a script in small letters', script('artifactinstall_enter_01'), /is not the name of a state script/, 'peer takes it'],
  ['a script of a transition there is not', script('ArtifactInstall_Exit_01'), /is not the name of a state script/, 'peer takes it'],
  ['a script of a state that artifacts have not', script('Download_Enter_01'), /is not the name of a state script/, 'peer takes it'],
  ['a script of the idle state', script('Idle_Enter_01'), /is not the name of a state script/, 'peer takes it'],
  ['a script of the sync state', script('Sync_Leave_01'), /is not the name of a state script/, 'peer takes it'],
  ['a script with something before its name', script('x-ArtifactInstall_Enter_01'), /is not the name of a state script/, 'peer takes it'],
  ['a script with a space in its name', script('ArtifactInstall_Enter_01_a b'), /is not the name of a state script/, 'peer takes it'],
  ['a script with nothing behind its dash', script('ArtifactInstall_Enter_01_'), /is not the name of a state script/, 'peer takes it'],
  ['a note among the scripts', script('README'), /is not the name of a state script/, 'peer takes it'],
  ['a folder of scripts', script('a/ArtifactInstall_Enter_01'), /is not the name of a state script/],
])

/** Rules of header-info. */
const INFO = malformed([
  ['an empty header-info', infoText(''), /^header-info: not JSON/],
  ['header-info that is a list', info([]), /^header-info: /],
  ['header-info that is null', info(null), /^header-info: /],
  ['header-info cut short', infoText('{"payloads":'), /^header-info: not JSON/],
  ['garbage after header-info', infoText(`${JSON.stringify(HEADER_INFO)}x`), /^header-info: not JSON/, 'peer takes it'],
  [
    'header-info with a key twice',
    infoText(`{"payloads":[{"type":"a"}],${JSON.stringify(HEADER_INFO).slice(1)}`),
    /"payloads" occurs twice/,
    'peer takes it',
  ],
  ['an unknown key in header-info', info({ ...HEADER_INFO, extra: 1 }), /^header-info: .*extra/],
  ['a key of header-info in capitals', info({ ...HEADER_INFO, PAYLOADS: [] }), /^header-info: .*PAYLOADS/],
  [
    'no payloads',
    infoText('{"artifact_provides":{"artifact_name":"r"},"artifact_depends":{"device_type":["d"]}}'),
    /^header-info: payloads: /,
  ],
  ['no payload in header-info', payloads([]), /^header-info: payloads: /],
  ['payloads that are no list', payloads({ type: 'script' }), /^header-info: payloads: /],
  ['two payloads', payloads([{ type: 'script' }, { type: 'b' }]), /2 payloads; the client takes exactly one/, 'peer takes it'],
  ['an empty payload type', payloads([{ type: '' }]), /payloads.0.type: must not be empty/],
  ['a payload type that is a number', payloads([{ type: 1 }]), /payloads.0.type: /],
  ['a payload without a type', payloads([{}]), /payloads.0.type: /],
  ['a payload with more than a type', payloads([{ type: 'script', x: 1 }]), /payloads.0: .*x/],
  [
    'no provides',
    infoText('{"payloads":[{"type":"script"}],"artifact_depends":{"device_type":["d"]}}'),
    /^header-info: artifact_provides: /,
    'peer takes it',
  ],
  [
    'no depends',
    infoText('{"payloads":[{"type":"script"}],"artifact_provides":{"artifact_name":"r"}}'),
    /^header-info: artifact_depends: /,
    'peer takes it',
  ],
  ['no artifact name', provides({}), /artifact_provides.artifact_name: /, 'peer takes it'],
  ['an empty artifact name', provides({ artifact_name: '' }), /must not be empty/, 'peer takes it'],
  ['an artifact name that is a number', provides({ artifact_name: 1 }), /artifact_provides.artifact_name: /],
  ['a list of artifact names', provides({ artifact_name: ['r'] }), /artifact_provides.artifact_name: /],
  ['a name of 257 bytes', provides({ artifact_name: `${'n'.repeat(255)}ü` }), /must not be longer than 256 bytes/, 'peer takes it'],
  ['a control character in the name', provides({ artifact_name: 'a\u0007' }), /control characters/, 'peer takes it'],
  ['a newline in the name', provides({ artifact_name: 'a\nb' }), /control characters/, 'peer takes it'],
  ['an empty group', provides({ artifact_name: 'r', artifact_group: '' }), /artifact_group: must not be empty/, 'peer takes it'],
  ['a list of groups', provides({ artifact_name: 'r', artifact_group: ['g'] }), /artifact_group: /],
  ['an unknown key among the provides', provides({ artifact_name: 'r', x: 1 }), /artifact_provides: .*x/],
  ['no device type', info({ ...HEADER_INFO, artifact_depends: {} }), /artifact_depends.device_type: /],
  ['an empty list of device types', devices([]), /must name a device type/],
  ['a device type that is not in a list', devices('d'), /device_type: /],
  ['a device type that is no text', devices([1]), /device_type.0: /],
  ['null for the device types', devices(null), /device_type: /],
  ['an artifact to depend on that is not in a list', depends({ artifact_name: 'old' }), /artifact_depends.artifact_name: /],
  ['a group to depend on that is not in a list', depends({ artifact_group: 'g' }), /artifact_depends.artifact_group: /],
  ['an unknown key among the depends', depends({ kernel: ['6'] }), /artifact_depends: .*kernel/, 'peer takes it'],
  [
    'header-info of format 2',
    info({ artifact_name: 'r', updates: [{ type: 'rootfs-image' }], device_types_compatible: ['d'] }),
    /^header-info: /,
  ],
])

/** Rules of type-info and meta-data. */
const TYPES = malformed([
  ['an empty type-info', typesText(''), /^type-info: not JSON/],
  ['null for type-info', types(null), /^type-info: /, 'peer takes it'],
  ['type-info that is a list', types([]), /^type-info: /],
  ['garbage after type-info', typesText('{"type":"script"}x'), /^type-info: not JSON/, 'peer takes it'],
  ['type-info with a key twice', typesText('{"type":"a","type":"script"}'), /"type" occurs twice/, 'peer takes it'],
  ['an unknown key in type-info', withTypes({ extra: 1 }), /^type-info: .*extra/, 'peer takes it'],
  ['another type in type-info', types({ type: 'other' }), /the type "other" is not "script"/, 'peer takes it'],
  ['an empty type of a module', types({ type: '' }), /the type "" is not "script"/, 'peer takes it'],
  ['null for the type of a module', types({ type: null }), /the type "null" is not "script"/, 'peer takes it'],
  ['a type that is a number', types({ type: 1 }), /^type-info: type: /],
  ['no type in type-info', types({}), /^type-info: type: /, 'peer takes it'],
  [
    'another type of a root file system',
    brokenArtifact({ headerInfo: ROOTFS_INFO, typeInfo: { type: 'other' } }),
    /the type "other" is not "rootfs-image"/,
    'peer takes it',
  ],
  ['a number in the provides', withTypes({ artifact_provides: { a: 1 } }), /artifact_provides.a: /],
  ['a list in the provides', withTypes({ artifact_provides: { a: ['b'] } }), /artifact_provides.a: /],
  ['provides that are a list', withTypes({ artifact_provides: [] }), /artifact_provides: /],
  ['an object in the depends', withTypes({ artifact_depends: { a: {} } }), /artifact_depends.a: /],
  ['a number in the depends', withTypes({ artifact_depends: { a: 1 } }), /artifact_depends.a: /],
  ['a list of numbers in the depends', withTypes({ artifact_depends: { a: [1] } }), /artifact_depends.a/],
  ['depends that are a list', withTypes({ artifact_depends: [] }), /artifact_depends: /],
  ['clears-provides that are no list', withTypes({ clears_artifact_provides: 'x' }), /clears_artifact_provides: /],
  ['a number among the clears-provides', withTypes({ clears_artifact_provides: [1] }), /clears_artifact_provides.0: /],
  ['meta-data that is a list', meta('[]'), /^meta-data: /],
  ['meta-data that is null', meta('null'), /^meta-data: /],
  ['meta-data that is text', meta('"x"'), /^meta-data: /],
  ['meta-data that is a number', meta('1'), /^meta-data: /],
  ['meta-data that is not JSON', meta('{'), /^meta-data: not JSON/],
  ['meta-data with a key twice', meta('{"a":1,"a":2}'), /"a" occurs twice/, 'peer takes it'],
  ['meta-data with garbage behind it', meta('{}x'), /^meta-data: not JSON/, 'peer takes it'],
  ['meta-data that is not UTF-8', meta(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)), /^meta-data: /, 'peer takes it'],
  [
    'meta-data of more than 512 KiB',
    meta(`{"a":"${'x'.repeat(1 << 20)}"}`),
    /meta-data" has \d+ bytes, more than the 524288/,
    'peer takes it',
  ],
])

export const HEADER = [...ENTRIES, ...SCRIPTS, ...INFO, ...TYPES]
