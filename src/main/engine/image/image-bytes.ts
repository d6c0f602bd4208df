import { AppError } from '../../contract/errors.ts'

/** Reads `length` bytes at `position` of a file system image; shorter where the image ends. */
export interface ReadImage {
  (position: number, length: number): Promise<DataView>
  /** Where it is known beforehand, so that nobody has to read the last byte to learn of it: a stream would have to go all the way. */
  readonly sizeBytes?: number
}

/** Whether an image has as many bytes. */
export async function hasBytes(read: ReadImage, sizeBytes: number): Promise<boolean> {
  if (read.sizeBytes !== undefined) return read.sizeBytes >= sizeBytes
  return (await read(sizeBytes - 1, 1)).byteLength > 0
}

const HINT = 'Check the image with e2fsck -f, or make it again.'

/** The error of an image that cannot be read. The message says which structure, and what is wrong with it. */
export function badImage(message: string, hint = HINT): AppError {
  return new AppError('ARTIFACT_INVALID', message, hint)
}

/** Whether this is the error of an image that cannot be read, and not one of the medium it lies on. */
export function isBadImage(thrown: unknown): thrown is AppError {
  return thrown instanceof AppError && thrown.code === 'ARTIFACT_INVALID'
}

/** Bytes in memory as an image. */
export function inMemory(bytes: Uint8Array): ReadImage {
  return (position, length) => Promise.resolve(new DataView(Uint8Array.from(bytes.subarray(position, position + length)).buffer))
}

const CHUNK_BYTES = 64 * 1024
const KEPT_CHUNKS = 64

/** The same bytes with the 4 MiB kept that were asked for last: inodes and folders lie side by side and are small. */
export function keeping(read: ReadImage): ReadImage {
  const chunks = new Map<number, Promise<DataView>>()
  const chunkAt = (index: number): Promise<DataView> => {
    const chunk = chunks.get(index) ?? read(index * CHUNK_BYTES, CHUNK_BYTES)
    chunks.delete(index)
    chunks.set(index, chunk)
    const [oldest] = chunks.keys()
    if (chunks.size > KEPT_CHUNKS && oldest !== undefined) chunks.delete(oldest)
    return chunk
  }
  return async (position, length) => {
    const index = Math.floor(position / CHUNK_BYTES)
    const start = position - index * CHUNK_BYTES
    if (start + length > CHUNK_BYTES) return read(position, length)
    const chunk = await chunkAt(index)
    const from = Math.min(start, chunk.byteLength)
    return new DataView(chunk.buffer, chunk.byteOffset + from, Math.min(length, chunk.byteLength - from))
  }
}

export function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** Text as Linux keeps it: UTF-8, and where it is none, every byte over 127 as \xNN. */
export function linuxText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return [...bytes].map((byte) => (byte < 128 ? String.fromCharCode(byte) : `\\x${byte.toString(16)}`)).join('')
  }
}
