import { AppError } from '../../contract/errors.ts'
import type { CardComparing } from '../../contract/images.ts'
import type { Files } from '../host.ts'
import { type ReadImage, bytesOf, isBadImage } from '../image/image-bytes.ts'
import { BLOCK_BYTES, mappedBlocks } from '../image/mapped-blocks.ts'
import { readTable } from '../image/open-file-system.ts'
import { type Range, merged } from '../image/ranges.ts'
import { readerOf } from '../lib/image-file.ts'
import { alignedRanges, bmapBeside } from './image-map.ts'

const PIECE_BYTES = 1 << 20
/** How often it is told how far it is. */
const TOLD_BYTES = 32 << 20
/** Places that are listed. */
const LISTED = 200

interface Compared {
  card: string
  /** Where the image can be read. */
  image: string
  /** Where it lies, perhaps packed, with its block map beside it. */
  named: string
}

/**
 * Compares what of an image means something, by the block map beside it or by its own file systems, with what a card has there, at 4 KiB.
 * What the card has in free space, or behind the image, does not matter. In the end the answer.
 */
export async function* compareCard(
  files: Files,
  { card: cardPath, image: imagePath, named }: Compared,
  signal: AbortSignal | undefined,
): AsyncGenerator<CardComparing, void, void> {
  await using card = await files.open(cardPath, 'read')
  await using image = await files.open(imagePath, 'read')
  const [readCard, readImage] = [readerOf(card), readerOf(image)]
  const imageBytes = await image.sizeBytes()
  if (imageBytes === 0) throw new AppError('BAD_INPUT', `${named} holds nothing`, 'Name a disk image.')
  const map = (await bmapBeside(files, { path: named, bmap: null }))?.bmap
  const ranges =
    map?.imageBytes === imageBytes ? alignedRanges(map.ranges, map.blockBytes, imageBytes) : await mappedOf(readImage, imageBytes)
  const total = ranges.reduce((sum, { start, end }) => sum + end - start, 0)
  const differing: Range[] = []
  let [done, told] = [0, 0]
  for (const { start, end } of ranges)
    for (let at = start; at < end; at += PIECE_BYTES) {
      signal?.throwIfAborted()
      const length = Math.min(PIECE_BYTES, end - at)
      const [one, other] = await Promise.all([readImage(at, length), readCard(at, length)])
      differing.push(...differencesIn(bytesOf(one), bytesOf(other), at))
      done += length
      if (done < told + TOLD_BYTES) continue
      told = done
      yield { state: 'running', doneBytes: done, totalBytes: total }
    }
  const places = merged(differing)
  yield {
    state: 'done',
    ...{ comparedBytes: total, differentBytes: sizeOf(places), placeCount: places.length },
    places: places.slice(0, LISTED).map(({ start, end }) => ({ startBytes: start, endBytes: end })),
    partitions: await byPartition(readImage, imageBytes, places),
  }
}

async function mappedOf(read: ReadImage, imageBytes: number): Promise<Range[]> {
  try {
    const { ranges } = await mappedBlocks(read, imageBytes)
    return ranges.map(({ start, end }) => ({ start: start * BLOCK_BYTES, end: Math.min(imageBytes, end * BLOCK_BYTES) }))
  } catch (thrown) {
    if (isBadImage(thrown)) return [{ start: 0, end: imageBytes }]
    throw thrown
  }
}

/** Where a card ends early, the rest differs. */
function differencesIn(image: Uint8Array, card: Uint8Array, at: number): Range[] {
  if (Buffer.compare(image, card) === 0) return []
  const found: Range[] = []
  for (let offset = 0; offset < image.length; offset += BLOCK_BYTES) {
    const end = Math.min(image.length, offset + BLOCK_BYTES)
    if (Buffer.compare(image.subarray(offset, end), card.subarray(offset, end)) !== 0) found.push({ start: at + offset, end: at + end })
  }
  return found
}

function sizeOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

/** How much differs in each partition of the image; 0 is what lies in none. */
async function byPartition(
  read: ReadImage,
  imageBytes: number,
  places: readonly Range[],
): Promise<{ number: number; differentBytes: number }[]> {
  const table = await readTable(read, imageBytes).catch((thrown: unknown) => {
    if (isBadImage(thrown)) return null
    throw thrown
  })
  const inside = (table?.partitions ?? []).map(({ number, startBytes, sizeBytes }) => ({
    number,
    differentBytes: places.reduce(
      (sum, { start, end }) => sum + Math.max(0, Math.min(end, startBytes + sizeBytes) - Math.max(start, startBytes)),
      0,
    ),
  }))
  const elsewhere = sizeOf(places) - inside.reduce((sum, { differentBytes }) => sum + differentBytes, 0)
  return [{ number: 0, differentBytes: elsewhere }, ...inside].filter(({ differentBytes }) => differentBytes > 0)
}
