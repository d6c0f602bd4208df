import { createHash } from 'node:crypto'
import type { CompressionId } from '../../contract/compression.ts'
import { EXTENSIONS, compress, formatOf } from '../artifact/compression.ts'
import { Expansion } from '../artifact/expansion.ts'
import type { Limits } from '../artifact/limits.ts'
import { type PackedData, packData } from '../artifact/pack-data.ts'
import { openPayloadFile } from '../artifact/payload-file.ts'
import { readPayload } from '../artifact/payload.ts'
import type { ArtifactBytes, ArtifactFront } from '../artifact/resign.ts'
import { encodeTarHeader } from '../artifact/tar-header.ts'
import type { FoundEntry } from '../artifact/tar-read.ts'
import { TAR_END, paddingFor } from '../artifact/tar-write.ts'
import type { HostFile } from '../host.ts'
import { isExt4 } from '../image/ext4-volume.ts'
import { isFat } from '../image/fat-volume.ts'
import { type ReadImage, inMemory } from '../image/image-bytes.ts'
import { readAhead } from '../lib/file-streams.ts'
import { writeSparse } from '../lib/image-file.ts'
import { OverlayFile } from '../lib/overlay-file.ts'
import { type ContentsWork, type EditableFile, changePayload } from './edit-contents.ts'
import { noFileSystem } from './open-contents.ts'

export interface Watching {
  limits: Limits
  signal?: AbortSignal | undefined
  onProgress: (done: number, total: number, unit: string) => void
}

/** The payload's file as it is after a change. */
export interface ChangedPayload {
  entry: FoundEntry
  sha256: string
  image: EditableFile
}

export interface ChangingParts {
  artifact: ArtifactBytes
  front: ArtifactFront
  /** The artifact's file. */
  file: HostFile
  /** An empty file, for the payload, or for what of it is changed. */
  scratch: HostFile
}

/**
 * Runs `work` on the file system that is the payload of an artifact, whose file stays as it is: a compressed one is unpacked, of one that
 * is not only what changes is kept. ARTIFACT_INVALID when the payload is not what the manifest says, EXPANSION_LIMIT when it expands further than the limits allow, BAD_INPUT when it is no file system that
 * can be changed.
 */
export async function changedPayload(
  { artifact, front, file, scratch }: ChangingParts,
  { changedAt, limits, signal, onProgress }: Watching & { changedAt: number },
  work: ContentsWork,
): Promise<ChangedPayload> {
  const { entry, startsAt, isFileSystem } = await lookAtPayload(artifact, front, limits)
  if (!isFileSystem) throw noFileSystem(`The payload ${entry.name}`)
  async function* stored(): AsyncGenerator<Uint8Array, void, void> {
    let done = 0
    for await (const chunk of artifact.chunks(front.dataStartsAt, front.dataStartsAt + front.data.sizeBytes)) {
      signal?.throwIfAborted()
      done += chunk.length
      onProgress(done, front.data.sizeBytes, startsAt === null ? 'unpacked' : 'checked')
      yield chunk
    }
  }
  const expansion = new Expansion({ compression: front.dataCompression, storedBytes: front.data.sizeBytes, isThere: true, limits })
  await readPayload(stored(), {
    ...{ startsAt: 0, manifest: front.sums, limits, expansion },
    onPayloadFile: async (_file, content) => {
      if (startsAt === null) await writeSparse(scratch, content)
    },
  })
  const { sizeBytes } = entry
  const image = startsAt === null ? scratch : new OverlayFile({ base: file, startsAt, sizeBytes, changes: scratch })
  await changePayload(image, { changedAt, name: entry.name, isRootfs: front.header.payloadType === 'rootfs-image' }, work)
  const hash = createHash('sha256')
  for await (const piece of readAhead(image)) {
    signal?.throwIfAborted()
    hash.update(piece)
  }
  return { entry, sha256: hash.digest('hex'), image }
}

/** The one file of a payload, and whether it is a file system: only its front is read. */
export async function lookAtPayload(
  artifact: ArtifactBytes,
  front: ArtifactFront,
  limits: Limits,
): Promise<{ entry: FoundEntry; startsAt: number | null; isFileSystem: boolean }> {
  const payload = await openPayloadFile(artifact, front, limits)
  try {
    const read = await frontOf(payload.content())
    const { entry, startsAt } = payload
    return { entry, startsAt, isFileSystem: (await isExt4(read)) || (await isFat(read)) }
  } finally {
    await payload.close()
  }
}

/** Enough of a stream to know a file system by. */
async function frontOf(content: AsyncGenerator<Uint8Array, void, void>): Promise<ReadImage> {
  const front = new Uint8Array(4096)
  let filled = 0
  for await (const piece of content) {
    front.set(piece.subarray(0, front.length - filled), filled)
    filled = Math.min(front.length, filled + piece.length)
    if (filled === front.length) break
  }
  return inMemory(front.subarray(0, filled))
}

export interface Packing {
  /** As it was, for the entries of the payload. */
  front: ArtifactFront
  /** All that stands before data/0000.tar now. */
  bytes: Uint8Array
  payload: ChangedPayload
  changedAt: number
  /** null: as it was. */
  compression: CompressionId | null
}

/** How well zstd was compressed is not written in it. */
const AS_BEFORE = { none: 'none', gzip: 'gzip', lzma: 'lzma', zstd: 'zstd_fast' } as const

/** Writes an artifact anew around its changed payload. */
export async function packChanged(packing: Packing, copy: HostFile, { signal, onProgress }: Omit<Watching, 'limits'>): Promise<PackedData> {
  const { front, bytes, payload, changedAt, compression } = packing
  const { image } = payload
  const id = compression ?? AS_BEFORE[front.dataCompression]
  const sizeBytes = await image.sizeBytes()
  async function* tar(): AsyncGenerator<Uint8Array, void, void> {
    yield encodeTarHeader({ ...payload.entry, sizeBytes, modifiedAt: changedAt })
    let done = 0
    for await (const piece of readAhead(image)) {
      signal?.throwIfAborted()
      done += piece.length
      onProgress(done, sizeBytes, 'packed')
      yield piece
    }
    yield paddingFor(sizeBytes)
    yield TAR_END
  }
  const name = `data/0000.tar${EXTENSIONS[formatOf(id)]}`
  const about = id === 'none' ? sizeBytes + 4096 : front.data.sizeBytes
  return packData(
    { front: bytes, data: { ...front.data, name, sizeBytes: about, modifiedAt: changedAt }, tar, compress: (raw) => compress(raw, id) },
    copy,
  )
}
