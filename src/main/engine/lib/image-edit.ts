import { AppError } from '../../contract/errors.ts'
import type { HostFile } from '../host.ts'
import type { EditImage } from '../image/file-system.ts'
import type { ReadImage } from '../image/image-bytes.ts'
import { partOf } from '../image/open-file-system.ts'
import { readerOf } from './image-file.ts'

/** The bytes [startBytes, startBytes + sizeBytes) of an open file as an image that can be changed. Each write looks at the signal first. */
export function partEditor(file: HostFile, place: { startBytes: number; sizeBytes: number }, signal: AbortSignal): EditImage {
  const { startBytes, sizeBytes } = place
  const read: ReadImage = partOf(readerOf(file), place)
  return {
    sizeBytes,
    read: Object.assign(read, { sizeBytes }),
    write: async (position, bytes) => {
      signal.throwIfAborted()
      if (position < 0 || position + bytes.length > sizeBytes)
        throw new AppError('INTERNAL', `${file.path}: ${bytes.length} bytes at ${position} lie outside of their ${sizeBytes}`)
      await file.write(bytes, startBytes + position)
    },
  }
}

const PIECE_BYTES = 1 << 20
const GRAIN_BYTES = 4096
const ZEROS = Buffer.alloc(PIECE_BYTES)

/** Bytes of an open file. */
export interface FilePart {
  file: HostFile
  startBytes: number
  sizeBytes: number
}

/** Copies a part of a file into an image of zeros, blocks of zeros left out: they become holes of its file. */
export async function copySparse(
  { file, startBytes, sizeBytes }: FilePart,
  target: EditImage,
  { signal, onProgress }: { signal: AbortSignal; onProgress(done: number, total: number): void },
): Promise<void> {
  const buffer = new Uint8Array(Math.min(PIECE_BYTES, sizeBytes))
  for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
    signal.throwIfAborted()
    const wanted = buffer.subarray(0, Math.min(PIECE_BYTES, sizeBytes - at))
    const bytes = wanted.subarray(0, await file.read(wanted, startBytes + at))
    for (const { start, end } of filled(bytes)) await target.write(at + start, bytes.subarray(start, end))
    onProgress(Math.min(sizeBytes, at + PIECE_BYTES), sizeBytes)
  }
}

/** The stretches that are not all zeros, in blocks. */
function* filled(bytes: Uint8Array): Generator<{ start: number; end: number }, void, void> {
  if (isZero(bytes)) return
  let start = -1
  for (let at = 0; at < bytes.length; at += GRAIN_BYTES) {
    const isEmpty = isZero(bytes.subarray(at, at + GRAIN_BYTES))
    if (!isEmpty && start < 0) start = at
    if (!isEmpty || start < 0) continue
    yield { start, end: at }
    start = -1
  }
  if (start >= 0) yield { start, end: bytes.length }
}

function isZero(bytes: Uint8Array): boolean {
  return ZEROS.subarray(0, bytes.length).equals(bytes)
}
