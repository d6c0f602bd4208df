import { gzipSync } from 'node:zlib'
import { FIELD, at, entry, followed, flipped, malformed, outer, patched, paxEntry, record, swapped, whole } from './malformed.cases.ts'
import { type RawEntry, brokenArtifact, bytesOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

const named = (index: number, name: string) => outer((all) => all.with(index, { ...at(all, index), name }))
const before = (...bytes: Uint8Array[]) => whole((file) => joinBytes([...bytes, file]))
const signed = (edit: (entries: RawEntry[]) => RawEntry[]) => brokenArtifact({ signature: bytesOf('QUJD'), outer: edit })
const MANIFEST_AT = 1024

/** Rules of the outer archive: which entries, in which order, and what a tar may be (mender-artifact format, 1.1 and 1.2). */
export const OUTSIDE = malformed([
  ['an empty file', new Uint8Array(0), /^artifact ends at byte 0/],
  ['text', bytesOf('hello'.repeat(300)), /^artifact, byte 0: this is not a tar header/],
  ['zeros', new Uint8Array(4096), /version is missing where the archive ends/],
  ['an artifact in a gzip', gzipSync(brokenArtifact({})), /(not a tar header|ends at byte)/],
  ['version not first', outer((all) => swapped(all, 0, 1)), /version is missing where "manifest" stands, at byte 0/],
  ['a first entry that only begins like version', named(0, 'versionFOO'), /version is missing where "versionFOO"/, 'peer takes it'],
  ['no version', outer((all) => all.toSpliced(0, 1)), /version is missing where "manifest"/],
  ['version twice', outer((all) => all.toSpliced(0, 0, at(all, 0))), /manifest is missing where "version"/],
  ['no manifest', outer((all) => all.toSpliced(1, 1)), /manifest is missing where "header.tar.gz"/],
  ['the manifest twice', outer((all) => all.toSpliced(1, 0, at(all, 1))), /header.tar is missing where "manifest"/],
  ['a signature before the manifest', signed((all) => swapped(all, 1, 2)), /manifest is missing where "manifest.sig"/],
  ['a signature behind the header', signed((all) => swapped(all, 2, 3)), /data\/0000.tar is missing where "manifest.sig"/],
  ['the signature twice', signed((all) => all.toSpliced(2, 0, at(all, 2))), /header.tar is missing where "manifest.sig"/],
  ['no header', outer((all) => all.toSpliced(2, 1)), /header.tar is missing where "data\/0000.tar.gz"/],
  ['the header twice', outer((all) => all.toSpliced(2, 0, at(all, 2))), /data\/0000.tar is missing where "header.tar.gz"/],
  ['header and data exchanged', outer((all) => swapped(all, 2, 3)), /header.tar is missing where "data/],
  ['a header with an unknown suffix', named(2, 'header.tar.bz2'), /header.tar is missing where "header.tar.bz2"/],
  ['a header with its suffix in capitals', named(2, 'header.tar.GZ'), /header.tar is missing where "header.tar.GZ"/],
  ['no data', outer((all) => all.toSpliced(3, 1)), /data\/0000.tar is missing where the archive ends/],
  ['a second payload', outer((all) => [...all, entry('data/0001.tar')]), /"data\/0001.tar" follows/, 'peer takes it'],
  ['the payload twice', outer((all) => [...all, at(all, 3)]), /"data\/0000.tar.gz" follows/, 'peer takes it'],
  ['the payload in two compressions', outer((all) => [...all, entry('data/0000.tar.xz')]), /"data\/0000.tar.xz" follows/],
  ['data/0.tar', named(3, 'data/0.tar'), /data\/0000.tar is missing where "data\/0.tar"/],
  ['data/+0.tar.gz', named(3, 'data/+0.tar.gz'), /data\/0000.tar is missing where "data\/\+0.tar.gz"/, 'peer takes it'],
  ['data/0001.tar alone', named(3, 'data/0001.tar.gz'), /data\/0000.tar is missing where "data\/0001.tar.gz"/],
  ['DATA/0000.tar', named(3, 'DATA/0000.tar.gz'), /data\/0000.tar is missing where "DATA/],
  ['./data/0000.tar', named(3, './data/0000.tar'), /name ".\/data\/0000.tar" is not acceptable/],
  ['/data/0000.tar', named(3, '/data/0000.tar'), /name "\/data\/0000.tar" is not acceptable/],
  ['data/../data/0000.tar', named(3, 'data/../data/0000.tar'), /name "data\/..\/data\/0000.tar" is not acceptable/],
  ['data with a backslash', named(3, 'data\\0000.tar'), /is not acceptable/],
  ['a name with a control character', named(2, 'header.tar\u0001'), /is not acceptable/],
  ['an entry without a name', named(2, ''), /the name "" is not acceptable/],
  ['an unknown suffix', named(3, 'data/0000.tar.bz2'), /data\/0000.tar is missing/],
  ['an unknown entry before the header', outer((all) => all.toSpliced(2, 0, entry('foo'))), /header.tar is missing where "foo"/],
  ['an unknown entry before the data', outer((all) => all.toSpliced(3, 0, entry('foo'))), /data\/0000.tar is missing where "foo"/],
  ['an unknown entry at the end', outer((all) => [...all, entry('foo')]), /"foo" follows data\/0000.tar/],
  ['a folder data/ before the payload', whole((file) => withFolder(file)), /"data\/" is a folder; only regular files/],
  [
    'a manifest that is a symbolic link',
    whole((file) => patched(file, MANIFEST_AT, [FIELD.type, '2'])),
    /is a symbolic link; only regular/,
  ],
  ['a manifest that is a hard link', whole((file) => patched(file, MANIFEST_AT, [FIELD.type, '1'])), /is a hard link; only regular/],
  ['a manifest that is a device', whole((file) => patched(file, MANIFEST_AT, [FIELD.type, '3'])), /only regular files/],
  ['a manifest that is a pipe', whole((file) => patched(file, MANIFEST_AT, [FIELD.type, '6'])), /only regular files/],
  ['a manifest that is contiguous', whole((file) => patched(file, MANIFEST_AT, [FIELD.type, '7'])), /only regular files/, 'peer takes it'],
  ["a name in GNU tar's own way", whole((file) => patched(file, 0, [FIELD.type, 'L'])), /only regular files/],
  ['records for the whole archive', before(paxEntry(record('comment=x'), 'g')), /only regular files/],
  [
    'a PAX record that nobody knows',
    before(paxEntry(record('SCHILY.xattr.user.x=1'))),
    /unknown PAX record "SCHILY.xattr.user.x"/,
    'peer takes it',
  ],
  ['a PAX record of a wrong length', before(paxEntry('99 path=version\n')), /malformed PAX record at byte 0/],
  ['a PAX record twice', before(paxEntry(record('path=version') + record('path=version'))), /has no key, or a second one/, 'peer takes it'],
  ['a PAX record without a key', before(paxEntry(record('=version'))), /has no key/],
  ['a PAX path out of the archive', before(paxEntry(record('path=../version'))), /name "..\/version" is not acceptable/],
  ['a PAX size that is no number', before(paxEntry(record('size=many'))), /PAX size "many" is not a number/],
  [
    'a PAX header before a PAX header',
    before(paxEntry(record('path=version')), paxEntry(record('path=version'))),
    /only regular files/,
    'peer takes it',
  ],
  ['a PAX header of 1 MiB', before(paxEntry('x'.repeat(1 << 20))), /bytes are more than the \d+ that are accepted/],
  [
    'a PAX header at the end',
    whole((file) => joinBytes([file.slice(0, -1024), paxEntry(record('path=x')), new Uint8Array(1024)])),
    /a PAX header with no entry after it/,
    'peer takes it',
  ],
  [
    'an archive from before ustar',
    whole((file) => patched(file, 0, [FIELD.magic, '\0\0\0\0\0\0\0\0'])),
    /byte 0: this is not a tar header/,
    'peer takes it',
  ],
  ['a size that is no octal number', whole((file) => patched(file, 0, [FIELD.size, '0000000009x\0'])), /size .* is not an octal number/],
  ['a negative size', whole((file) => patched(file, 0, [FIELD.size, new Uint8Array(12).fill(255)])), /size is out of range/],
  [
    'a size beyond the file',
    whole((file) => patched(file, 0, [FIELD.size, '77777777777\0'])),
    /"version" has \d+ bytes, more than the \d+ that are accepted/,
  ],
  ['a wrong tar checksum', whole((file) => flipped(file, 3)), /^artifact, byte 0: the tar header's checksum is wrong/],
  [
    'one zero block at the end',
    whole((file) => file.slice(0, -512)),
    /512 bytes before the end of the end of the archive/,
    'peer takes it',
  ],
  ['no zero block at the end', whole((file) => file.slice(0, -1024)), /ends at byte/, 'peer takes it'],
  [
    'one zero block between entries',
    whole((file) => joinBytes([file.slice(0, 1024), new Uint8Array(512), file.slice(1024)])),
    /one zero block at byte 1024/,
  ],
  [
    'the end of the archive between entries',
    whole((file) => joinBytes([file.slice(0, 1024), new Uint8Array(1024), file.slice(1024)])),
    /something follows the end|manifest is missing where the archive ends/,
  ],
  ['bytes after the end', whole((file) => followed(file, 'x')), /something follows the end of the archive/, 'peer takes it'],
  ['a second artifact behind it', whole((file) => joinBytes([file, file])), /something follows the end of the archive/, 'peer takes it'],
])

/** The artifact with an entry `data/` of the type folder before the payload. */
function withFolder(file: Uint8Array): Uint8Array {
  const tar = outer((all) => all.toSpliced(3, 0, entry('data+')))
  const start = Buffer.from(tar).indexOf('data+\0')
  return file.length > 0 ? patched(tar, start, [FIELD.name, 'data/'], [FIELD.type, '5']) : tar
}
