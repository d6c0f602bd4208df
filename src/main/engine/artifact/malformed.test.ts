import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { artifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { checkArtifact, readArtifact } from './read.ts'
import { PAYLOAD, type RawEntry, brokenArtifact, bytesOf, inPieces, rawTar, sha256Of, textOf } from './samples.cases.ts'
import { joinBytes } from './tar-write.ts'

type Case = [what: string, file: Uint8Array | (() => Uint8Array), message: RegExp]

const HEADER_INFO = { payloads: [{ type: 'script' }], artifact_provides: { artifact_name: 'r' }, artifact_depends: { device_type: ['d'] } }
const ROOTFS_INFO = { ...HEADER_INFO, payloads: [{ type: 'rootfs-image' }] }
const TYPE_INFO = { type: 'script' }

const entry = (name: string, text = '', facts: RawEntry['facts'] = {}): RawEntry => ({ name, content: bytesOf(text), facts })
const headerOf = (...more: RawEntry[]) => [entry('header-info', JSON.stringify(HEADER_INFO)), ...more]
const typeInfo = entry('headers/0000/type-info', JSON.stringify(TYPE_INFO))
const version = (text: string) => brokenArtifact({ version: bytesOf(text) })
const info = (headerInfo: unknown) => brokenArtifact({ headerInfo })
const types = (value: unknown) => brokenArtifact({ typeInfo: value })
const header = (...entries: RawEntry[]) => brokenArtifact({ header: entries })
const files = (...payload: RawEntry[]) => brokenArtifact({ payload })
const manifest = (edit: (text: string) => string) => brokenArtifact({ manifest: (bytes) => bytesOf(edit(textOf(bytes))) })
const outer = (edit: (entries: RawEntry[]) => RawEntry[]) => brokenArtifact({ outer: (entries) => edit(entries) })
const whole = (edit: (bytes: Uint8Array) => Uint8Array) => brokenArtifact({ whole: (bytes) => edit(bytes) })
const at = (entries: readonly RawEntry[], index: number): RawEntry => entries[index] ?? entry('absent')
const swapped = (entries: RawEntry[], a: number, b: number) => entries.with(a, at(entries, b)).with(b, at(entries, a))
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at, (bytes[at] ?? 0) ^ 1)
const dataTar = (edit: (tar: Uint8Array) => Uint8Array) =>
  brokenArtifact({ dataName: 'data/0000.tar', storedData: (storedData) => edit(storedData) })
const duplicateSum = (bytes: Uint8Array) =>
  joinBytes([
    bytes,
    bytesOf(`${'0'.repeat(64)}  stray
`),
  ])

const OUTSIDE: Case[] = [
  ['an empty file', new Uint8Array(0), /^artifact ends at byte 0/],
  ['text', bytesOf('hello'.repeat(300)), /^artifact, byte 0: this is not a tar header/],
  ['zeros', new Uint8Array(4096), /version is missing where the archive ends/],
  ['an artifact in a gzip', () => gzipSync(brokenArtifact({})), /(not a tar header|ends at byte)/],
  ['version not first', outer((all) => swapped(all, 0, 1)), /version is missing where "manifest" stands, at byte 0/],
  [
    'a first entry that only begins like version',
    outer((all) => all.with(0, entry('versionFOO', '{"format":"mender","version":3}'))),
    /version is missing where "versionFOO"/,
  ],
  ['no manifest', outer((all) => all.toSpliced(1, 1)), /manifest is missing where "header.tar.gz"/],
  ['the manifest twice', outer((all) => all.toSpliced(1, 0, at(all, 1))), /header.tar is missing where "manifest"/],
  ['no header', outer((all) => all.toSpliced(2, 1)), /header.tar is missing where "data\/0000.tar.gz"/],
  ['header and data exchanged', outer((all) => swapped(all, 2, 3)), /header.tar is missing where "data/],
  ['no data', outer((all) => all.toSpliced(3, 1)), /data\/0000.tar is missing where the archive ends/],
  ['a second payload', outer((all) => [...all, entry('data/0001.tar')]), /"data\/0001.tar" follows/],
  ['the payload twice', outer((all) => [...all, at(all, 3)]), /"data\/0000.tar.gz" follows/],
  ['data/0.tar', outer((all) => all.with(3, { ...at(all, 3), name: 'data/0.tar' })), /data\/0000.tar is missing where "data\/0.tar"/],
  [
    './data/0000.tar',
    outer((all) => all.with(3, { ...at(all, 3), name: './data/0000.tar' })),
    /name ".\/data\/0000.tar" is not acceptable/,
  ],
  ['an unknown suffix', outer((all) => all.with(3, { ...at(all, 3), name: 'data/0000.tar.bz2' })), /data\/0000.tar is missing/],
  ['an unknown entry before the header', outer((all) => all.toSpliced(2, 0, entry('foo'))), /header.tar is missing where "foo"/],
  ['an augmented manifest', outer((all) => all.toSpliced(2, 0, entry('manifest-augment'))), /it is augmented/],
  ['an augmented header', outer((all) => all.toSpliced(3, 0, entry('header-augment.tar.gz'))), /it is augmented/],
  ['a symbolic link for its manifest', whole((bytes) => link(bytes)), /is a symbolic link; only regular files/],
  [
    'one zero block at the end',
    whole((bytes) => bytes.slice(0, -512)),
    /ends at byte \d+, 512 bytes before the end of the end of the archive/,
  ],
  ['no zero block at the end', whole((bytes) => bytes.slice(0, -1024)), /ends at byte/],
  ['bytes after the end', whole((bytes) => joinBytes([bytes, bytesOf('x')])), /something follows the end of the archive/],
  ['a second artifact behind it', whole((bytes) => joinBytes([bytes, bytes])), /something follows the end of the archive/],
  ['a wrong tar checksum', whole((bytes) => flipped(bytes, 3)), /^artifact, byte 0: the tar header's checksum is wrong/],
]

function link(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice()
  copy[1024 + 156] = 0x32
  const sum = copy.subarray(1024, 1536).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  copy.set(bytesOf(`${sum.toString(8).padStart(6, '0')}\0 `), 1024 + 148)
  return copy
}

const FRONT: Case[] = [
  ['format version 1', version('{"format":"mender","version":1}'), /format version 1 is not supported/],
  ['format version 4', version('{"format":"mender","version":4}'), /format version 4 is not supported/],
  ['a version in quotes', version('{"format":"mender","version":"3"}'), /^version: version: /],
  ['another format', version('{"format":"foo","version":3}'), /^version: format: /],
  ['no format', version('{"version":3}'), /^version: format: /],
  ['an unknown key in version', version('{"format":"mender","version":3,"x":1}'), /^version: .*x/],
  ['a key in another case', version('{"Format":"mender","format":"mender","version":3}'), /^version: /],
  ['a key twice', version('{"format":"mender","version":3,"version":3}'), /"version" occurs twice/],
  ['garbage after the version', version('{"format":"mender","version":3}x'), /^version: not JSON/],
  ['a huge version', version(`{"format":"mender","version":3}${' '.repeat(2000)}`), /more than the 1024 that are accepted/],
  ['a version that the manifest does not know', manifest((text) => text.replace(/.*version\n/, '')), /manifest: version is not listed/],
  [
    'a wrong sum of version',
    manifest((text) => text.replace(/[0-9a-f]{64} {2}version/, `${'0'.repeat(64)}  version`)),
    /version: its checksum is/,
  ],
  [
    'a wrong sum of the header',
    manifest((text) => text.replace(/[0-9a-f]{64} {2}header/, `${'0'.repeat(64)}  header`)),
    /header.tar.gz: its checksum is/,
  ],
  ['no sum of the header', manifest((text) => text.replace(/.*header.*\n/, '')), /manifest: header.tar.gz is not listed/],
  ['a stray line in the manifest', brokenArtifact({ manifest: duplicateSum }), /"stray" names nothing/],
  ['a line for another payload', manifest((text) => `${'0'.repeat(64)}  data/0001/x\n${text}`), /"data\/0001\/x" names nothing/],
  ['a line for a file in a folder', manifest((text) => `${'0'.repeat(64)}  data/0000/a/b\n${text}`), /"data\/0000\/a\/b" names nothing/],
  ['a signature that is not base64', brokenArtifact({ signature: bytesOf('not base64!') }), /manifest.sig is not base64/],
  ['an empty signature', brokenArtifact({ signature: new Uint8Array(0) }), /manifest.sig is not base64/],
  ['a signature without padding', brokenArtifact({ signature: bytesOf('QUJDRA') }), /manifest.sig is not base64/],
]

const HEADER: Case[] = [
  ['a header that is no gzip', brokenArtifact({ storedHeader: bytesOf('junk'.repeat(100)) }), /header.tar: damaged gzip data/],
  [
    'a header with a suffix it does not have',
    brokenArtifact({ headerName: 'header.tar', storedHeader: gzipSync(rawTar(headerOf(typeInfo))) }),
    /(not a tar header|ends at byte)/,
  ],
  ['a header in lzma', brokenArtifact({ headerName: 'header.tar.xz' }), /header.tar: it is no xz data/],
  ['an empty header', header(), /header-info is missing where the archive ends/],
  [
    'header-info under another name',
    header(entry('header-info-foo', JSON.stringify(HEADER_INFO)), typeInfo),
    /header-info is missing where "header-info-foo"/,
  ],
  ['type-info before header-info', header(typeInfo, ...headerOf()), /header-info is missing where "headers\/0000\/type-info"/],
  ['no type-info', header(...headerOf()), /type-info is missing where the archive ends/],
  ['type-info twice', header(...headerOf(typeInfo, typeInfo)), /"headers\/0000\/type-info" does not belong there/],
  [
    'meta-data before type-info',
    header(...headerOf(entry('headers/0000/meta-data'), typeInfo)),
    /type-info is missing where "headers\/0000\/meta-data"/,
  ],
  [
    'headers of a second payload',
    header(...headerOf(typeInfo, entry('headers/0001/type-info', '{}'))),
    /"headers\/0001\/type-info" does not belong/,
  ],
  ['a path out of the folder', header(...headerOf(entry('scripts/../x'), typeInfo)), /is not acceptable/],
  ['a script after the headers', header(...headerOf(typeInfo, entry('scripts/ArtifactInstall_Enter_01'))), /does not belong there/],
  [
    'a script twice',
    header(...headerOf(entry('scripts/ArtifactInstall_Enter_01'), entry('scripts/ArtifactInstall_Enter_01'), typeInfo)),
    /is there twice/,
  ],
  [
    'a script with a name that only begins well',
    header(...headerOf(entry('scripts/ArtifactInstall_Enter_01.sh'), typeInfo)),
    /is not the name of a state script/,
  ],
  [
    'a script of a state that artifacts have not',
    header(...headerOf(entry('scripts/Download_Enter_01'), typeInfo)),
    /is not the name of a state script/,
  ],
  ['a folder of scripts', header(...headerOf(entry('scripts/a/ArtifactInstall_Enter_01'), typeInfo)), /is not the name of a state script/],
  ['no payload in header-info', info({ ...HEADER_INFO, payloads: [] }), /^header-info: payloads: /],
  ['two payloads', info({ ...HEADER_INFO, payloads: [{ type: 'a' }, { type: 'b' }] }), /2 payloads; the client takes exactly one/],
  ['an empty payload type', info({ ...HEADER_INFO, payloads: [{ type: '' }] }), /payloads.0.type: must not be empty/],
  ['no device type', info({ ...HEADER_INFO, artifact_depends: {} }), /artifact_depends.device_type: /],
  ['an empty list of device types', info({ ...HEADER_INFO, artifact_depends: { device_type: [] } }), /must name a device type/],
  ['a device type that is no text', info({ ...HEADER_INFO, artifact_depends: { device_type: [1] } }), /device_type.0: /],
  ['no artifact name', info({ ...HEADER_INFO, artifact_provides: {} }), /artifact_provides.artifact_name: /],
  ['an empty artifact name', info({ ...HEADER_INFO, artifact_provides: { artifact_name: '' } }), /must not be empty/],
  [
    'a name of 300 characters',
    info({ ...HEADER_INFO, artifact_provides: { artifact_name: 'n'.repeat(300) } }),
    /must not be longer than 256 bytes/,
  ],
  ['a control character in the name', info({ ...HEADER_INFO, artifact_provides: { artifact_name: 'a\u0007' } }), /control characters/],
  ['an unknown key in header-info', info({ ...HEADER_INFO, extra: 1 }), /^header-info: .*extra/],
  [
    'an unknown key deep in header-info',
    info({ ...HEADER_INFO, artifact_provides: { artifact_name: 'r', x: 1 } }),
    /artifact_provides: .*x/,
  ],
  ['header-info that is a list', info([]), /^header-info: /],
  ['another type in type-info', types({ type: 'other' }), /the type "other" is not "script"/],
  ['an empty type of a module', types({ type: '' }), /the type "" is not "script"/],
  ['no type in type-info', types({}), /^type-info: type: /],
  ['null for type-info', types(null), /^type-info: /],
  ['a number in the provides', types({ type: 'script', artifact_provides: { a: 1 } }), /artifact_provides.a: /],
  ['an object in the depends', types({ type: 'script', artifact_depends: { a: {} } }), /artifact_depends.a: /],
  ['clears-provides that are no list', types({ type: 'script', clears_artifact_provides: 'x' }), /clears_artifact_provides: /],
  ['meta-data that is a list', header(...headerOf(typeInfo, entry('headers/0000/meta-data', '[]'))), /^meta-data: /],
  ['meta-data that is null', header(...headerOf(typeInfo, entry('headers/0000/meta-data', 'null'))), /^meta-data: /],
  ['meta-data that is not JSON', header(...headerOf(typeInfo, entry('headers/0000/meta-data', '{'))), /^meta-data: not JSON/],
]

const CONTENT: Case[] = [
  [
    'a root file system without a file',
    brokenArtifact({ headerInfo: ROOTFS_INFO, typeInfo: { type: 'rootfs-image' }, payload: [] }),
    /0 files; a rootfs-image has exactly one/,
  ],
  [
    'a root file system of two files',
    brokenArtifact({ headerInfo: ROOTFS_INFO, typeInfo: { type: 'rootfs-image' }, payload: [entry('a'), entry('b')] }),
    /2 files; a rootfs-image/,
  ],
  [
    'files in a bootstrap artifact',
    brokenArtifact({ headerInfo: { ...HEADER_INFO, payloads: [{ type: null }] }, typeInfo: { type: null } }),
    /1 files in a bootstrap artifact/,
  ],
  [
    'a payload name with a space',
    brokenArtifact({ payload: [entry('a b')], manifest: (bytes) => bytes }),
    /"data\/0000\/a b\b|is not "SHA256/,
  ],
  ['a payload in a folder', brokenArtifact({ payload: [entry('a/b')] }), /"data\/0000\/a\/b" names nothing/],
  ['a payload name outside the set', files(entry('a+b')), /the name "a\+b" has characters other than/],
  [
    'a file that the manifest does not list',
    brokenArtifact({ manifest: (bytes) => bytesOf(textOf(bytes).replace(/.*update.sh\n/, '')) }),
    /"update.sh" is not listed/,
  ],
  [
    'a file that is missing',
    manifest((text) => `${sha256Of(bytesOf(''))}  data/0000/more\n${text}`),
    /"more" is missing, though the manifest lists it/,
  ],
  ['a file twice', files(entry('a', 'x'), entry('a', 'x')), /"a" is there twice/],
  [
    'a file with a wrong sum',
    brokenArtifact({ storedData: gzipSync(rawTar([entry('update.sh', 'echo other\n')])) }),
    /data\/0000\/update.sh: checksum mismatch: it is [0-9a-f]{64}/,
  ],
  [
    'junk instead of gzip',
    brokenArtifact({ storedData: bytesOf('junk'.repeat(300)) }),
    /data\/0000.tar: damaged gzip data: incorrect header check/,
  ],
  [
    'a wrong gzip checksum',
    brokenArtifact({ storedData: (storedData) => flipped(storedData, storedData.length - 6) }),
    /damaged gzip data: incorrect data check/,
  ],
  ['a cut gzip', brokenArtifact({ storedData: (storedData) => storedData.slice(0, -4) }), /damaged gzip data: unexpected end of file/],
  [
    'zeros after the gzip',
    brokenArtifact({ storedData: (storedData) => joinBytes([storedData, new Uint8Array(40)]) }),
    /40 bytes follow the end of the gzip data/,
  ],
  [
    'junk after the gzip',
    brokenArtifact({ storedData: (storedData) => joinBytes([storedData, bytesOf('junkjunkjunk')]) }),
    /damaged gzip data/,
  ],
  [
    'a suffix that the data does not have',
    brokenArtifact({ dataName: 'data/0000.tar', storedData: gzipSync(rawTar([])) }),
    /data\/0000.tar.*(not a tar header|ends at byte)/,
  ],
  ['data in lzma', brokenArtifact({ dataName: 'data/0000.tar.xz' }), /data\/0000.tar: it is no xz data/],
  ['a payload tar without an end', dataTar((tar) => tar.slice(0, -1024)), /data\/0000.tar ends at byte/],
  [
    'something behind the payload tar',
    dataTar((tar) => joinBytes([tar, bytesOf('x'.repeat(512))])),
    /something follows the end of the archive/,
  ],
  ['a folder in the payload', dataTar(folder), /is a folder; only regular files/],
]

function folder(tar: Uint8Array): Uint8Array {
  const copy = tar.slice()
  copy[156] = 0x35
  const sum = copy.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  copy.set(bytesOf(`${sum.toString(8).padStart(6, '0')}\0 `), 148)
  return copy
}

async function refusal(bytes: Uint8Array): Promise<AppError> {
  const thrown: unknown = await readArtifact(inPieces(bytes, 777)).then(
    () => null,
    (error: unknown) => error,
  )
  if (thrown instanceof AppError) return thrown
  throw new Error(`Not refused as it should be: ${String(thrown)}`)
}

describe('a strict reader', () => {
  it('takes the artifact that all the broken ones are made of', async () => {
    const content = await readArtifact(inPieces(brokenArtifact({})))
    expect(content).toMatchObject({
      name: 'release-1',
      payloadType: 'script',
      compression: 'gzip',
      warnings: [],
      files: [{ name: 'update.sh', sizeBytes: 11 }],
    })
  })

  it.each([...OUTSIDE, ...FRONT, ...HEADER, ...CONTENT])('refuses %s', async (_, file, message) => {
    const error = await refusal(typeof file === 'function' ? file() : file)
    expect(error.message).toMatch(message)
    expect(error.code).toBe(error.message.startsWith('manifest.sig') ? 'SIGNATURE_INVALID' : 'ARTIFACT_INVALID')
    expect(error.hint).not.toBe('')
  })

  it('refuses an artifact cut at any block, and just before and after it', async () => {
    const bytes = brokenArtifact({ dataName: 'data/0000.tar' })
    for (let block = 0; block <= bytes.length; block += 512) {
      for (const length of [block - 1, block, block + 1]) {
        if (length < 0 || length >= bytes.length) continue
        expect((await refusal(bytes.slice(0, length))).code).toBe('ARTIFACT_INVALID')
      }
    }
  })

  it('notices any single flipped bit of what the manifest covers', async () => {
    const bytes = brokenArtifact({ headerName: 'header.tar', dataName: 'data/0000.tar' })
    const content = bytesOf('echo hello\n')
    const at = Buffer.from(bytes).indexOf(content)
    for (let offset = 0; offset < content.length; offset += 1) {
      expect((await refusal(flipped(bytes, at + offset))).message).toMatch(/checksum mismatch/)
    }
  })

  it('answers any header with its content or a typed error', async () => {
    const some = fc.oneof(fc.jsonValue(), fc.constant('script'), fc.constant(['d']), fc.constant([{ type: 'script' }]))
    const likeInfo = fc.record({
      payloads: some,
      artifact_provides: fc.oneof(some, fc.record({ artifact_name: some })),
      artifact_depends: fc.record({ device_type: some }),
    })
    const likeTypes = fc.record(
      { type: some, artifact_provides: some, artifact_depends: some, clears_artifact_provides: some },
      { requiredKeys: ['type'] },
    )
    const names = fc.constantFrom(
      'header-info',
      'scripts/ArtifactInstall_Enter_00',
      'headers/0000/type-info',
      'headers/0000/meta-data',
      'x',
    )
    const content = fc.oneof(likeInfo, likeTypes, some).map((value) => bytesOf(JSON.stringify(value)))
    const entries = fc.oneof(
      fc
        .tuple(likeInfo, likeTypes)
        .map(([a, b]) => [entry('header-info', JSON.stringify(a)), entry('headers/0000/type-info', JSON.stringify(b))]),
      fc.array(fc.record({ name: names, content }), { maxLength: 5 }),
    )
    await fc.assert(
      fc.asyncProperty(entries, async (list) => {
        const read = await checkArtifact(inPieces(brokenArtifact({ header: list }))).catch((thrown: unknown) => thrown)
        if (read instanceof Error) expect(read).toMatchObject({ name: 'AppError', code: 'ARTIFACT_INVALID' })
        else expect(artifactContent.safeParse(read).success).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('reads zstd, and header and payload of different compressions', async () => {
    const file = brokenArtifact({ dataName: 'data/0000.tar.zst', storedData: zstdCompressSync(rawTar(PAYLOAD)) })
    expect(await readArtifact(inPieces(file, 100))).toMatchObject({ compression: 'zstd' })
    expect(await readArtifact(inPieces(brokenArtifact({ headerName: 'header.tar' })))).toMatchObject({ compression: 'gzip' })
  })

  it('takes zeros after the end, as tar pads its records', async () => {
    const file = brokenArtifact({ whole: (bytes) => joinBytes([bytes, new Uint8Array(10_240)]) })
    expect(await readArtifact(inPieces(file))).toMatchObject({ name: 'release-1', sizeBytes: file.length, sha256: sha256Of(file) })
  })

  it('warns of the empty type that the tool wrote before 4.4', async () => {
    const { warnings } = await readArtifact(inPieces(brokenArtifact({ headerInfo: ROOTFS_INFO, typeInfo: { type: '' } })))
    expect(warnings.join()).toMatch(/empty type/)
  })

  it('warns of what a client refuses though the format allows it', async () => {
    const long = brokenArtifact({ typeInfo: { type: 'script', artifact_depends: { a: ['b', 'c'] } }, payload: [entry('n'.repeat(91))] })
    const { warnings } = await readArtifact(inPieces(long))
    expect(warnings.join('\n')).toMatch(/depends "a" is a list[^]*longer than 90 bytes/)
  })

  it('stops at its limits before it has read what lies beyond', async () => {
    const limits = { ...DEFAULT_LIMITS, payload: 10, headerExpanded: 100_000, manifest: 300 }
    const tooLarge = (file: Uint8Array) => readArtifact(inPieces(file), { limits })
    await expect(tooLarge(brokenArtifact({}))).rejects.toThrow(/more than the 10 bytes that are accepted/)
    const bomb = brokenArtifact({ header: headerOf(entry('headers/0000/type-info', ' '.repeat(200_000))) })
    await expect(tooLarge(bomb)).rejects.toThrow(/expands to more than the 100000 bytes/)
    const lines = brokenArtifact({ payload: [entry('a'), entry('b'), entry('c'), entry('d')] })
    await expect(tooLarge(lines)).rejects.toThrow(/manifest" has \d+ bytes, more than the 300/)
  })

  it('says that it was stopped', async () => {
    await expect(readArtifact(inPieces(brokenArtifact({})), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})
