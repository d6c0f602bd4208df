import { AppError } from '../../contract/errors.ts'
import type { HostFile } from '../host.ts'
import type { ReadImage } from '../image/image-bytes.ts'

/** An open file as the readers of images take it. */
export function readerOf(file: Pick<HostFile, 'read'>): ReadImage {
  return async (position, length) => {
    const bytes = new Uint8Array(length)
    return new DataView(bytes.buffer, 0, await file.read(bytes, position))
  }
}

/** The same through one buffer: what was read is gone with the next. At most 1 MiB at once. */
export function reusingReaderOf(file: HostFile): ReadImage {
  const buffer = new Uint8Array(1 << 20)
  return async (position, length) => new DataView(buffer.buffer, 0, await file.read(buffer.subarray(0, length), position))
}

/** BAD_INPUT for a name by which everybody would take an image for packed that is not. */
export function refusePackedName(to: string): void {
  const ending = /\.(gz|xz|zst|bz2|zip)$/i.exec(to)?.[0]
  if (ending !== undefined)
    throw new AppError(
      'BAD_INPUT',
      `${to} would be an image that is not packed, in spite of ${ending}`,
      'Choose another name, and pack it afterwards.',
    )
}

const ZEROS = Buffer.alloc(256 * 1024)

/** Writes a new file without its zeros, which then take no room on the disk. Answers its size. */
export async function writeSparse(file: HostFile, pieces: AsyncIterable<Uint8Array>): Promise<number> {
  let position = 0
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += ZEROS.length) {
      const part = piece.subarray(at, at + ZEROS.length)
      if (!ZEROS.subarray(0, part.length).equals(part)) await file.write(part, position + at)
    }
    position += piece.length
  }
  await file.truncate(position)
  return position
}
