import type { Files, HostFile } from '../host.ts'
import { MAX_BMAP_BYTES, readBmap } from '../image/bmap-read.ts'
import type { Bmap } from '../image/bmap.ts'
import { isBadImage } from '../image/image-bytes.ts'
import { BLOCK_BYTES, mappedBlocks } from '../image/mapped-blocks.ts'
import { readTable } from '../image/open-file-system.ts'
import type { Range } from '../image/ranges.ts'
import { readVolumeFacts } from '../image/volume-facts.ts'
import { readerOf } from '../lib/image-file.ts'

/** Holes that are shorter are written along: to leave them out would cost more writes than it saves bytes. */
const HOLE_BYTES = 64 * 1024

/** Ranges of blocks in bytes, begun and ended at multiples of 4096, short holes closed, and cut where the image ends. */
export function alignedRanges(ranges: readonly Range[], blockBytes: number, imageBytes: number): Range[] {
  const all: Range[] = []
  for (const range of ranges) {
    const start = Math.floor((range.start * blockBytes) / BLOCK_BYTES) * BLOCK_BYTES
    const end = Math.min(imageBytes, Math.ceil((range.end * blockBytes) / BLOCK_BYTES) * BLOCK_BYTES)
    const last = all.at(-1)
    if (last && start - last.end < HOLE_BYTES) last.end = Math.max(last.end, end)
    else if (end > start) all.push({ start, end })
  }
  return all
}

export interface OwnMap {
  /** null where the partition table cannot be read. */
  ranges: Range[] | null
  /** What is wrong with the image, in words; null where nothing is. */
  problem: string | null
}

/** What has to be written of a raw image by the maps of its own file systems. */
export async function ownMap(file: HostFile, imageBytes: number): Promise<OwnMap> {
  const read = readerOf(file)
  try {
    const ranges = alignedRanges((await mappedBlocks(read, imageBytes)).ranges, BLOCK_BYTES, imageBytes)
    const isKnown = (await readTable(read, imageBytes)) !== null || (await readVolumeFacts(read)) !== null
    return { ranges, problem: isKnown ? null : 'It has neither partitions nor an ext or FAT file system' }
  } catch (thrown) {
    if (isBadImage(thrown)) return { ranges: null, problem: thrown.message }
    throw thrown
  }
}

export interface FoundBmap {
  /** Empty for one that lies in a zip. */
  path: string
  bmap: Bmap
}

/** The block map that was named, or the one beside the image: `NAME.bmap`, or for `card.img.gz` also `card.img.bmap` and `card.bmap`. */
export async function bmapBeside(files: Files, { path, bmap }: { path: string; bmap: string | null }): Promise<FoundBmap | null> {
  if (bmap !== null) return { path: bmap, bmap: await readMap(files, bmap) }
  for (const candidate of candidatesOf(path)) {
    if ((await files.stat(candidate))?.kind === 'file') return { path: candidate, bmap: await readMap(files, candidate) }
  }
  return null
}

function candidatesOf(path: string): string[] {
  const names = [path]
  for (let name = path; /\.[^./]+$/.test(name) && names.length < 3;) {
    name = name.replace(/\.[^./]+$/, '')
    names.push(name)
  }
  return names.map((name) => `${name}.bmap`)
}

/** Reads no more of a file than a map can have. */
async function readMap(files: Files, path: string): Promise<Bmap> {
  await using file = await files.open(path, 'read')
  const bytes = new Uint8Array(Math.min(await file.sizeBytes(), MAX_BMAP_BYTES + 1))
  return readBmap(bytes.subarray(0, await file.read(bytes, 0)))
}
