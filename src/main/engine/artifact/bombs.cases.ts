import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { compress } from './compression.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { brokenArtifact, bytesOf, rawTar, sha256Of, textOf, wholeOf } from './samples.cases.ts'
import { slowXz } from './slow-xz.cases.ts'
import { encodeTarHeader, memoryEntry } from './tar-header.ts'
import { TAR_END, joinBytes, tarEntry } from './tar-write.ts'

/** Artifacts that are small and would like to be large: by name, each made when it is asked for. */

const MiB = 1 << 20

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield await Promise.resolve(bytes)
}

const COMPRESSIONS = { gzip: '.gz', lzma: '.xz', zstd_fast: '.zst' } as const
type Packed = keyof typeof COMPRESSIONS

const packed = (id: Packed, bytes: Uint8Array): Promise<Uint8Array> => wholeOf(compress(once(bytes), id))

const PART_BYTES = 16 * MiB

/** Zeros by the 16 MiB: members, frames or streams one behind the other, of which one is made. */
async function packedZeros(id: Packed, sizeBytes: number): Promise<Uint8Array> {
  return repeated(await packed(id, new Uint8Array(PART_BYTES)), sizeBytes / PART_BYTES)
}

function repeated(piece: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(piece.length * count)
  for (let at = 0; at < count; at += 1) whole.set(piece, at * piece.length)
  return whole
}

function sha256OfZeros(sizeBytes: number): string {
  const hash = createHash('sha256')
  for (let left = sizeBytes; left > 0; left -= PART_BYTES) hash.update(new Uint8Array(Math.min(left, PART_BYTES)))
  return hash.digest('hex')
}

/** A payload of one file of zeros; it is what it says it is, unless it declares another size. */
async function hugePayload(id: Packed, sizeBytes: number, declaredBytes = sizeBytes): Promise<Uint8Array> {
  const header = await packed(id, encodeTarHeader(memoryEntry('update.sh', declaredBytes)))
  const stored = joinBytes([header, await packedZeros(id, sizeBytes), await packed(id, TAR_END)])
  return payloadOf(id, stored, sha256OfZeros(Math.min(sizeBytes, declaredBytes)))
}

/** 72 MiB of files without content, whose owners have names of 60 KiB in PAX records. */
async function longNames(id: Packed): Promise<Uint8Array> {
  const uname = 'u'.repeat(60 * 1024)
  const names = Array.from({ length: 1200 }, (_, index) => `f${index}`)
  const tars: Uint8Array[] = []
  for (let at = 0; at < names.length; at += 100) {
    const headers = names.slice(at, at + 100).map((name) => encodeTarHeader(memoryEntry(name, 0), { uname }))
    tars.push(await packed(id, joinBytes(headers)))
  }
  const listed = bytesOf(names.map((name) => `${sha256Of(new Uint8Array(0))}  data/0000/${name}\n`).join(''))
  const manifest = (usual: Uint8Array): Uint8Array => joinBytes([listed, bytesOf(textOf(usual).split('\n').slice(1).join('\n'))])
  return brokenArtifact({ dataName: `data/0000.tar${COMPRESSIONS[id]}`, storedData: joinBytes(tars), manifest })
}

/** A payload that is small and says that it is stored in 4 GiB, so that a ratio to that would allow everything. */
async function saidToBeStored(id: Packed): Promise<Uint8Array> {
  const whole = await hugePayload(id, 512 * MiB)
  const name = `data/0000.tar${COMPRESSIONS[id]}`
  const startsAt = Buffer.from(whole).indexOf(`${name}\0`)
  return joinBytes([whole.subarray(0, startsAt), encodeTarHeader(memoryEntry(name, 2 ** 32)), whole.subarray(startsAt + 512)])
}

/** As many zeros as are accepted, in header and payload, in the xz data that is slowest to read. */
async function slowest(): Promise<Uint8Array> {
  const piece = slowXz(MiB)
  const script = (name: string, count: number): Promise<Uint8Array[]> =>
    packed('lzma', encodeTarHeader(memoryEntry(`scripts/ArtifactInstall_Enter_${name}`, count * MiB))).then((header) => [
      header,
      repeated(piece, count),
    ])
  const header = joinBytes([
    await packed('lzma', tarEntry(memoryEntry('header-info', 0), bytesOf(HEADER_INFO))),
    ...(await script('00', 16)),
    ...(await script('01', 1)),
    await packed('lzma', joinBytes([tarEntry(memoryEntry('headers/0000/type-info', 0), bytesOf('{"type":"script"}')), TAR_END])),
  ])
  const count = DEFAULT_LIMITS.expandedFloor / MiB - 1
  const data = [await packed('lzma', encodeTarHeader(memoryEntry('update.sh', count * MiB))), repeated(piece, count)]
  const sum = sha256OfZeros(count * MiB)
  return brokenArtifact({
    ...{ headerName: 'header.tar.xz', storedHeader: header, dataName: 'data/0000.tar.xz' },
    storedData: joinBytes([...data, await packed('lzma', TAR_END)]),
    manifest: (usual) => bytesOf(textOf(usual).replace(FILE_SUM, sum)),
  })
}

const FILE_SUM = /^[0-9a-f]{64}(?= {2}data)/

function payloadOf(id: Packed, storedData: Uint8Array, sum = sha256Of(bytesOf('echo hello\n'))): Uint8Array {
  const manifest = (usual: Uint8Array): Uint8Array => bytesOf(textOf(usual).replace(FILE_SUM, sum))
  return brokenArtifact({ dataName: `data/0000.tar${COMPRESSIONS[id]}`, storedData, manifest })
}

/** Zeros without end behind the end of the payload's tar. */
async function trailer(id: Packed, sizeBytes: number): Promise<Uint8Array> {
  const tar = rawTar([{ name: 'update.sh', content: bytesOf('echo hello\n') }])
  return payloadOf(id, joinBytes([await packed(id, tar), await packedZeros(id, sizeBytes)]))
}

/** header.tar of state scripts. */
async function scripts(id: Packed, count: number, sizeBytes: number): Promise<Uint8Array> {
  const entries = Array.from({ length: count }, (_, index) => ({
    name: `scripts/ArtifactInstall_Enter_00_${index}`,
    content: new Uint8Array(sizeBytes),
  }))
  const tar = rawTar([{ name: 'header-info', content: bytesOf(HEADER_INFO) }, ...entries])
  return brokenArtifact({ headerName: `header.tar${COMPRESSIONS[id]}`, storedHeader: await packed(id, tar) })
}

/** header.tar whose first entry is far too large. */
async function hugeEntry(id: Packed, name: string): Promise<Uint8Array> {
  const header = await packed(id, encodeTarHeader(memoryEntry(name, 256 * MiB)))
  const stored = joinBytes([header, await packedZeros(id, 256 * MiB), await packed(id, TAR_END)])
  return brokenArtifact({ headerName: `header.tar${COMPRESSIONS[id]}`, storedHeader: stored })
}

const HEADER_INFO = '{"payloads":[{"type":"script"}],"artifact_provides":{"artifact_name":"r"},"artifact_depends":{"device_type":["b"]}}'

function metaData(text: string): Uint8Array {
  return brokenArtifact({ header: (usual) => [...usual, { name: 'headers/0000/meta-data', content: bytesOf(text) }] })
}

/** A zstd frame (RFC 8878) of empty raw blocks alone. */
function emptyBlocks(count: number): Uint8Array {
  return joinBytes([Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50), repeated(Uint8Array.of(0, 0, 0), count), Uint8Array.of(1, 0, 0)])
}

/** Empty stored blocks of deflate (RFC 1951, 3.2.4), five bytes each. */
function emptyStored(count: number): Uint8Array {
  const empty = gzipSync(new Uint8Array(0))
  return joinBytes([empty.subarray(0, 10), repeated(Uint8Array.of(0, 0, 0, 0xff, 0xff), count), empty.subarray(10)])
}

async function emptyXz(count: number): Promise<Uint8Array> {
  return repeated(await packed('lzma', Uint8Array.of(0)), count)
}

const lines = (count: number): Uint8Array =>
  bytesOf(Array.from({ length: count }, (_, index) => `${'0'.repeat(64)}  data/0000/${index.toString(36)}\n`).join(''))

export const BOMBS: Readonly<Record<string, () => Uint8Array | Promise<Uint8Array>>> = {
  'no bomb': () => brokenArtifact({}),
  ...Object.fromEntries(
    (['gzip', 'lzma', 'zstd_fast'] as const).flatMap((id) => [
      [`${id}: as much payload as is accepted`, () => hugePayload(id, 64 * MiB)],
      [`${id}: 512 MiB of payload`, () => hugePayload(id, 512 * MiB)],
      [`${id}: 512 MiB of payload that says it is 11 bytes`, () => hugePayload(id, 512 * MiB, 11)],
      [`${id}: 16 MiB of payload that says it is 7 GiB`, () => hugePayload(id, PART_BYTES, 7 * 1024 * MiB)],
      [`${id}: payload said to be stored in 4 GiB`, () => saidToBeStored(id)],
      [`${id}: long names in PAX headers`, () => longNames(id)],
      [`${id}: 64 MiB behind the payload`, () => trailer(id, 64 * MiB)],
      [`${id}: 3 scripts of 16 MiB`, () => scripts(id, 3, 16 * MiB)],
      [`${id}: 9999 small scripts`, () => scripts(id, 9999, 1)],
      [`${id}: header-info of 256 MiB`, () => hugeEntry(id, 'header-info')],
      [`${id}: script of 256 MiB`, () => hugeEntry(id, 'scripts/ArtifactInstall_Enter_00')],
    ]),
  ),
  'zstd: a million empty blocks': () => payloadOf('zstd_fast', emptyBlocks(1_000_000)),
  'zstd: empty frames': () => payloadOf('zstd_fast', repeated(zstdCompressSync(new Uint8Array(0)), 300_000)),
  'zstd: frames of one byte': () => payloadOf('zstd_fast', repeated(zstdCompressSync(Uint8Array.of(0)), 300_000)),
  'gzip: a million empty blocks': () => payloadOf('gzip', emptyStored(1_000_000)),
  'gzip: members of one byte': () => payloadOf('gzip', repeated(gzipSync(Uint8Array.of(0)), 200_000)),
  'xz: streams of one byte': async () => payloadOf('lzma', await emptyXz(50_000)),
  'xz: what is slowest, as much as is accepted': slowest,
  'xz: padding': async () => payloadOf('lzma', joinBytes([await packed('lzma', new Uint8Array(1)), new Uint8Array(8 * MiB)])),
  'zstd: skippable frames': () => payloadOf('zstd_fast', repeated(Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0), 1_000_000)),
  'manifest of 10 000 lines': () => brokenArtifact({ manifest: lines(10_000) }),
  'manifest of 1 MiB in one line': () => brokenArtifact({ manifest: new Uint8Array(MiB).fill(0x61) }),
  'manifest of newlines': () => brokenArtifact({ manifest: new Uint8Array(MiB).fill(0x0a) }),
  'meta-data of many keys': () => metaData(`{${Array.from({ length: 55_000 }, (_, index) => `"${index.toString(36)}":0`).join()}}`),
  'meta-data of many lists': () => metaData(`{"a":[${'[],'.repeat(170_000)}[]]}`),
  'meta-data of many objects': () => metaData(`{"a":[${'{},'.repeat(170_000)}{}]}`),
  'meta-data of many numbers': () => metaData(`{"a":[${'1,'.repeat(260_000)}1]}`),
  'meta-data in depth': () => metaData(`{"a":${'['.repeat(250_000)}${']'.repeat(250_000)}}`),
  'provides without end': () =>
    brokenArtifact({
      typeInfo: bytesOf(
        `{"type":"script","artifact_provides":{${Array.from({ length: 50_000 }, (_, index) => `"${index.toString(36)}":""`).join()}}}`,
      ),
    }),
  'device types without end': () => brokenArtifact({ headerInfo: bytesOf(HEADER_INFO.replace('["b"]', `[${'"b",'.repeat(130_000)}"b"]`)) }),
  'a header of 64 MiB that is no header': () => brokenArtifact({ storedHeader: Buffer.alloc(64 * MiB, 7) }),
}
