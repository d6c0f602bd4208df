import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { CompressionId } from '../../contract/compression.ts'
import { compress } from '../artifact/compression.ts'
import type { Files } from '../host.ts'
import { type BmapRange, encodeBmap } from '../image/bmap.ts'
import { type ReadImage, bytesOf, isBadImage } from '../image/image-bytes.ts'
import { BLOCK_BYTES, mappedBlocks } from '../image/mapped-blocks.ts'
import { readTable } from '../image/open-file-system.ts'
import { refuseOwnInput, replaceFile, writeAtomic } from '../lib/file-streams.ts'
import { readerOf, refusePackedName, reusingReaderOf, writeSparse } from '../lib/image-file.ts'

export interface ReadCardOptions {
  files: Files
  /** The image that is made. `.gz`, `.zst` and `.xz` pack it; `.bmap` and `.sha256` are written beside it. */
  to: string
  signal: AbortSignal
  /** Of what is read: the blocks that mean something. */
  onProgress: (doneBytes: number, totalBytes: number) => void
  warn: (text: string) => void
}

/** What was made of a card. */
export interface CardImage {
  /** Unpacked. */
  imageBytes: number
  mappedBytes: number
  /** Of the file as it is stored. */
  sha256: string
}

const PIECE_BYTES = 1 << 20
const ENDINGS: readonly (readonly [RegExp, CompressionId])[] = [
  [/\.gz$/i, 'gzip'],
  [/\.zst$/i, 'zstd_fast'],
  [/\.xz$/i, 'lzma'],
]

/**
 * Reads a card, or an image, into an image: free space of its file systems is left out, and what lies behind the last partition of an MBR
 * is cut off. One that fails or is cancelled leaves nothing behind.
 */
export async function readCard(path: string, options: ReadCardOptions): Promise<CardImage> {
  const { files, to, warn } = options
  await refuseOwnInput(files, to, [path])
  const packing = ENDINGS.find(([ending]) => ending.test(to))?.[1] ?? 'none'
  if (packing === 'none') refusePackedName(to)
  await using card = await files.open(path, 'read')
  const read = readerOf(card)
  const imageBytes = await usedBytes(read, await card.sizeBytes())
  const { ranges, warnings } = await mappedOf(read, imageBytes)
  for (const warning of warnings) warn(warning)
  const mapped: BmapRange[] = ranges.map((range) => ({ ...range, checksum: null }))
  const stored = createHash('sha256')
  const pieces = piecesOf(reusingReaderOf(card), { imageBytes, mapped, ...options })
  await replaceFile(files, to, async (file) => {
    let position = 0
    async function* counted(): AsyncGenerator<Uint8Array, void, void> {
      for await (const piece of compress(pieces, packing)) {
        stored.update(piece)
        yield piece
        position += piece.length
        if (packing !== 'none') await file.write(piece, position - piece.length)
      }
    }
    if (packing === 'none') await writeSparse(file, counted())
    else for await (const _ of counted());
  })
  const sha256 = stored.digest('hex')
  const bmap = encodeBmap({ imageBytes, blockBytes: BLOCK_BYTES, checksumType: 'sha256', ranges: mapped })
  await writeAtomic(files, `${to}.bmap`, Buffer.from(bmap))
  await writeAtomic(files, `${to}.sha256`, Buffer.from(`${sha256}  ${basename(to)}\n`))
  return { imageBytes, mappedBytes: sizeOf(mapped, imageBytes), sha256 }
}

/** Up to where a card has something: a GPT has its second copy at the very end. */
async function usedBytes(read: ReadImage, sizeBytes: number): Promise<number> {
  try {
    const table = await readTable(read, sizeBytes)
    if (table?.kind !== 'mbr' || table.partitions.length === 0) return sizeBytes
    return Math.max(...table.partitions.map(({ startBytes, sizeBytes: length }) => startBytes + length))
  } catch (thrown) {
    if (isBadImage(thrown)) return sizeBytes
    throw thrown
  }
}

/** All of it where the partition table cannot be read. */
async function mappedOf(read: ReadImage, imageBytes: number) {
  try {
    return await mappedBlocks(read, imageBytes)
  } catch (thrown) {
    if (!isBadImage(thrown)) throw thrown
    return { ranges: [{ start: 0, end: Math.ceil(imageBytes / BLOCK_BYTES) }], warnings: [`all of it is read: ${thrown.message}`] }
  }
}

function sizeOf(ranges: readonly BmapRange[], imageBytes: number): number {
  return ranges.reduce((sum, { start, end }) => sum + Math.min(imageBytes, end * BLOCK_BYTES) - start * BLOCK_BYTES, 0)
}

const ZEROS = Buffer.alloc(PIECE_BYTES)

/** The image from its start to its end, zeros for what is not mapped; the checksums of the ranges are filled in on the way. */
async function* piecesOf(
  read: ReadImage,
  { imageBytes, mapped, signal, onProgress }: { imageBytes: number; mapped: BmapRange[] } & Pick<ReadCardOptions, 'signal' | 'onProgress'>,
): AsyncGenerator<Uint8Array, void, void> {
  const total = sizeOf(mapped, imageBytes)
  let [at, done] = [0, 0]
  for (const range of [...mapped, null]) {
    const start = range ? range.start * BLOCK_BYTES : imageBytes
    for (; at < start; at += ZEROS.length) yield ZEROS.subarray(0, Math.min(ZEROS.length, start - at))
    at = start
    if (!range) return
    const end = Math.min(imageBytes, range.end * BLOCK_BYTES)
    const hash = createHash('sha256')
    for (; at < end; at += PIECE_BYTES) {
      signal.throwIfAborted()
      const piece = bytesOf(await read(at, Math.min(PIECE_BYTES, end - at)))
      hash.update(piece)
      yield piece
      onProgress((done += piece.length), total)
    }
    at = end
    range.checksum = hash.digest('hex')
  }
}
