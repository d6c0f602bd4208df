import { createHash } from 'node:crypto'
import type { CompressionId } from '../../contract/compression.ts'
import { AppError } from '../../contract/errors.ts'
import { EXTENSIONS, compress, compressSmall, formatOf } from './compression.ts'
import { CountedTar, expansionWarnings } from './expansion.ts'
import { headerTar } from './header-tar.ts'
import { formatManifest } from './manifest.ts'
import { isPayloadName } from './payload.ts'
import { refuseUnreadable } from './readable.ts'
import type { Signer } from './sign.ts'
import { BLOCK_BYTES, type TarEntry, encodeTarHeader, memoryEntry, paddedSize } from './tar-header.ts'
import { TAR_END, joinBytes, paddingFor, tarEntry } from './tar-write.ts'

/** A file to pack: its facts as a tar keeps them, and its bytes, which are read once. */
export interface PayloadSource extends Omit<TarEntry, 'name'> {
  /** Base name: letters, digits and `.,_-`. */
  name: string
  chunks(): AsyncIterable<Uint8Array>
}

export interface ScriptSource extends Omit<TarEntry, 'sizeBytes'> {
  content: Uint8Array
}

/** What to write. */
export interface ArtifactSpec {
  /** 3 unless it is said; 2 holds only a root file system, without provides, depends and groups. */
  formatVersion?: 2 | 3
  name: string
  group: string | null
  deviceTypes: readonly string[]
  /** null makes a bootstrap artifact. */
  payloadType: string | null
  dependsNames: readonly string[]
  dependsGroups: readonly string[]
  provides: Readonly<Record<string, string>>
  depends: Readonly<Record<string, string>>
  clearsProvides: readonly string[]
  metaData: Readonly<Record<string, unknown>> | null
  scripts: readonly ScriptSource[]
  files: readonly PayloadSource[]
  /** The provide that gets the payload's SHA-256: `rootfs-image.checksum` by default for a rootfs-image. */
  checksumProvide: string | null
  compression: CompressionId
  /** An empty type in type-info, as mender-artifact before 4.4 wrote it for a rootfs-image. */
  hasLegacyEmptyType?: boolean
}

/** Takes bytes at positions from the start of the file; the first 1 to 2 KiB come last. */
export interface ArtifactSink {
  write(bytes: Uint8Array, position: number): Promise<void>
}

/** Owner and time of the two entries that no file stands behind but a build does. */
export type BuildStamp = Pick<TarEntry, 'uid' | 'gid' | 'uname' | 'gname' | 'modifiedAt'>

export interface WriteOptions {
  stamp: BuildStamp
  signer?: Signer | null
  signal?: AbortSignal | undefined
  /** Payload bytes read so far. */
  onProgress?: (doneBytes: number) => void
}

export interface WrittenArtifact {
  sizeBytes: number
  /** SHA-256 of each payload file by name. */
  checksums: ReadonlyMap<string, string>
  /** What a person should know before it goes out, in words. */
  warnings: readonly string[]
}

/** The size from which USTAR cannot hold an entry's size. */
const USTAR_SIZE_LIMIT = 8 ** 11

/** How much a header's compressed size may grow when the checksum in it becomes known. */
const HEADER_SLACK_BYTES = 96

/**
 * Writes an artifact in one read of its payload and one write of the file: the front has a size that is known beforehand, so the
 * payload is hashed, compressed and written behind it at once, and the front is filled in last.
 */
export async function writeArtifact(spec: ArtifactSpec, sink: ArtifactSink, options: WriteOptions): Promise<WrittenArtifact> {
  checkSpec(spec)
  const layout = await planFront(spec, options)
  const checksums = new Map<string, string>()
  const dataStartsAt = layout.sizeBytes
  let position = dataStartsAt
  const raw = new CountedTar(dataTar(spec, checksums, options))
  for await (const piece of compress(raw, spec.compression)) {
    if (options.signal?.aborted) throw new AppError('CANCELLED', 'Cancelled', '', options.signal.reason)
    await sink.write(piece, position)
    position += piece.length
  }
  const dataBytes = position - dataStartsAt
  const end = joinBytes([paddingFor(dataBytes), TAR_END])
  await sink.write(end, position)
  await sink.write(await frontBytes(spec, { layout, checksums, dataBytes }, options), 0)
  return { sizeBytes: position + end.length, checksums, warnings: expansionWarnings(raw.bytes, dataBytes) }
}

function checkSpec({ files, payloadType, deviceTypes, name, formatVersion }: ArtifactSpec): void {
  if (formatVersion === 2 && payloadType !== 'rootfs-image')
    throw new AppError('BAD_INPUT', 'Format version 2 holds only a root file system', 'Leave -v out: version 3 holds everything.')
  if (name === '') throw new AppError('BAD_INPUT', 'The artifact name is empty', 'Give one with -n NAME.')
  if (deviceTypes.length === 0) throw new AppError('BAD_INPUT', 'No device type is given', 'Give at least one with -t TYPE.')
  const names = new Set<string>()
  for (const file of files) {
    if (!isPayloadName(file.name)) {
      const hint = 'Only letters, digits and . , _ - are allowed: rename the file.'
      throw new AppError('BAD_INPUT', `The payload file name "${file.name}" has characters that clients refuse`, hint)
    }
    if (names.has(file.name)) throw new AppError('BAD_INPUT', `Two payload files are called "${file.name}"`, 'Rename one of them.')
    names.add(file.name)
  }
  if (payloadType === 'rootfs-image' && files.length !== 1) {
    throw new AppError('BAD_INPUT', `A rootfs-image has exactly one payload file, not ${files.length}`, 'Give one file with -f.')
  }
}

interface Layout {
  sizeBytes: number
  headerName: string
  /** Size of header.tar as stored, in whole blocks; the stored size may be less by a part of a block. */
  headerBlocksBytes: number
  hasLargeData: boolean
}

/** Where the payload will begin. The header is made once with a made-up checksum to learn its size. */
async function planFront(spec: ArtifactSpec, options: WriteOptions): Promise<Layout> {
  const headerName = `header.tar${EXTENSIONS[formatOf(spec.compression)]}`
  const empty = new Map(spec.files.map(({ name }) => [name, '0'.repeat(64)]))
  const draft = headerTar(spec, empty)
  const isOpen = spec.compression !== 'none' && spec.checksumProvide !== null
  const stored = (await compressSmall(draft, spec.compression, null)) ?? draft
  const headerBlocksBytes = paddedSize(stored.length + (isOpen ? HEADER_SLACK_BYTES : 0))
  const rawBytes = spec.files.reduce((sum, { sizeBytes }) => sum + paddedSize(sizeBytes) + 4 * BLOCK_BYTES, 2 * BLOCK_BYTES)
  // No compression grows what it cannot shrink by more than a thousandth.
  const hasLargeData = rawBytes * (spec.compression === 'none' ? 1 : 1.001) >= USTAR_SIZE_LIMIT
  const layout = { sizeBytes: 0, headerName, headerBlocksBytes, hasLargeData }
  const manifest = manifestOf(spec, empty, { [headerName]: '0'.repeat(64), version: '0'.repeat(64) })
  await refuseUnreadable({ formatVersion: spec.formatVersion ?? 3, header: draft, storedBytes: stored.length, manifest })
  const front = await frontBytes(
    spec,
    { layout, checksums: empty, dataBytes: 0 },
    { ...options, signer: options.signer && blankSigner(options.signer) },
  )
  return { ...layout, sizeBytes: front.length }
}

function blankSigner({ lengthBytes }: Signer): Signer {
  return { lengthBytes, sign: () => 'A'.repeat(lengthBytes) }
}

interface Front {
  layout: Layout
  checksums: ReadonlyMap<string, string>
  dataBytes: number
}

/** Everything before the content of data/0000.tar. Its size depends on the layout alone. */
async function frontBytes(
  spec: ArtifactSpec,
  { layout, checksums, dataBytes }: Front,
  { signer, stamp }: WriteOptions,
): Promise<Uint8Array> {
  const header = await storedHeader(headerTar(spec, checksums), spec.compression, layout.headerBlocksBytes)
  const version = new TextEncoder().encode(`{"format":"mender","version":${spec.formatVersion ?? 3}}`)
  const manifest = manifestOf(spec, checksums, { [layout.headerName]: sha256(header), version: sha256(version) })
  const signature = signer ? [tarEntry(memoryEntry('manifest.sig', 0), new TextEncoder().encode(await signer.sign(manifest)))] : []
  const data = { ...stamp, name: `data/0000.tar${EXTENSIONS[formatOf(spec.compression)]}`, mode: 0o600, sizeBytes: dataBytes }
  return joinBytes([
    tarEntry(memoryEntry('version', 0), version),
    tarEntry(memoryEntry('manifest', 0), manifest),
    ...signature,
    tarEntry({ ...stamp, name: layout.headerName, mode: 0o600 }, header),
    encodeTarHeader(data, layout.hasLargeData ? { size: String(dataBytes) } : {}),
  ])
}

/** The payload's files in their order, then the rest. */
function manifestOf({ files }: ArtifactSpec, checksums: ReadonlyMap<string, string>, rest: Readonly<Record<string, string>>): Uint8Array {
  const sums = files.map(({ name }) => [`data/0000/${name}`, checksums.get(name) ?? ''] as const)
  return formatManifest(new Map([...sums, ...Object.entries(rest)]))
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** header.tar as stored, filling exactly as many blocks as were kept for it. */
async function storedHeader(raw: Uint8Array, compression: ArtifactSpec['compression'], blocksBytes: number): Promise<Uint8Array> {
  const shortest = await compressSmall(raw, compression, null)
  if (shortest && paddedSize(shortest.length) === blocksBytes) return shortest
  const filled = await compressSmall(raw, compression, blocksBytes)
  if (filled) return filled
  throw new AppError('INTERNAL', `The compressed header does not fit into the ${blocksBytes} bytes kept for it`)
}

async function* dataTar(spec: ArtifactSpec, checksums: Map<string, string>, options: WriteOptions): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for (const { chunks, ...entry } of spec.files) {
    yield encodeTarHeader(entry)
    const hash = createHash('sha256')
    let sizeBytes = 0
    for await (const chunk of chunks()) {
      hash.update(chunk)
      sizeBytes += chunk.length
      done += chunk.length
      options.onProgress?.(done)
      if (sizeBytes <= entry.sizeBytes) yield chunk
    }
    if (sizeBytes !== entry.sizeBytes) {
      throw new AppError(
        'CONFLICT',
        `${entry.name} changed while it was read: ${sizeBytes} bytes came of ${entry.sizeBytes}`,
        'Let it rest and try again.',
      )
    }
    checksums.set(entry.name, hash.digest('hex'))
    yield paddingFor(sizeBytes)
  }
  yield TAR_END
}
