import type { BaseIndex } from './base-index.ts'
import { UNKNOWN } from './match-blocks.ts'
import { EXTENTS_MAX, type Extent, REFERENCE_BYTES_MAX } from './patch-format.ts'

/** Blocks of an image that are to be compressed, and what is known of those around them. */
export interface Wanting {
  content: Uint8Array
  /** Where the content begins in the image, in blocks. */
  position: number
  /** Of each whole block of the content. */
  sources: Int32Array
  /** Of the block before and the one behind; UNKNOWN where there is none. */
  before: number
  behind: number
}

/** Taken along on either side of what is likely: content shifts when what stands before it grows or shrinks. */
const MARGIN_BYTES = 16 * 1024
/** A place found by samples is taken with what lies around it, beginning at a multiple of this. */
const PLACE_BYTES = 32 * 1024

/**
 * The blocks of the base that `wanting` is most likely to resemble: those that its own blocks come from, those that go on where its
 * neighbours come from, those with the same content somewhere in them, and those at the same place. At most about four times as many
 * as are unknown, so that a device reads no more than it has to.
 */
export function referenceFor(wanting: Wanting, index: BaseIndex): Extent[] {
  const { blockBytes } = index
  const margin = MARGIN_BYTES / blockBytes
  const unknown = wanting.sources.reduce((sum, source) => sum + (source === UNKNOWN ? 1 : 0), 1)
  const chosen = new Set<number>()
  const budget = Math.min((REFERENCE_BYTES_MAX / blockBytes) * 0.75, wanting.sources.length + 4 * unknown + 16 * margin)
  const add = (first: number, count: number): void => {
    for (let block = Math.max(0, first); block < Math.min(first + count, index.blocks); block += 1) {
      if (chosen.size < budget && index.hashAt(block) !== 0) chosen.add(block)
    }
  }
  for (const source of wanting.sources) if (source >= 0) add(source, 1)
  for (const { from, count } of likely(wanting)) add(from - margin, count + 2 * margin)
  for (const block of resembling(wanting, index)) add(block, PLACE_BYTES / blockBytes)
  add(wanting.position - margin, wanting.sources.length + 2 * margin)
  return extentsOf(
    [...chosen].toSorted((a, b) => a - b),
    REFERENCE_BYTES_MAX / blockBytes,
  )
}

/** Where unknown blocks would lie in the base if they lay beside what their neighbours come from. */
function likely({ sources, before, behind }: Wanting): { from: number; count: number }[] {
  const found: { from: number; count: number }[] = []
  for (let start = 0; start < sources.length; start += 1) {
    if (sources[start] !== UNKNOWN) continue
    let end = start
    while (sources[end] === UNKNOWN) end += 1
    const [left, right] = [start === 0 ? before : (sources[start - 1] ?? UNKNOWN), sources[end] ?? behind]
    const count = end - start
    if (left >= 0) found.push({ from: left + 1, count })
    if (right >= 0) found.push({ from: right - count, count })
    start = end
  }
  return found
}

/** Places of the base that hold samples of the content, those with the most first. */
function resembling({ content, sources }: Wanting, { samples, blockBytes }: BaseIndex): number[] {
  const votes = new Map<number, number>()
  for (let start = 0; start <= sources.length; start += 1) {
    // The rest behind the last whole block is unknown too.
    if (start < sources.length && sources[start] !== UNKNOWN) continue
    let end = start
    while (end < sources.length && sources[end] === UNKNOWN) end += 1
    if (end === sources.length) end += 1
    samples.search(content.subarray(start * blockBytes, end * blockBytes), (block) => {
      const place = block - (block % (PLACE_BYTES / blockBytes))
      votes.set(place, (votes.get(place) ?? 0) + 1)
    })
    start = end
  }
  return [...votes].toSorted(([placeA, a], [placeB, b]) => b - a || placeA - placeB).map(([place]) => place)
}

/** Sorted blocks as extents: as few as the device shall start programs for, by taking along what lies between two of them. */
function extentsOf(blocks: readonly number[], blocksMax: number): Extent[] {
  for (let gap = 2; ; gap *= 2) {
    const extents = joined(blocks, gap)
    const total = extents.reduce((sum, { count }) => sum + count, 0)
    if (total > blocksMax) return longest(joined(blocks, gap / 2))
    if (extents.length <= EXTENTS_MAX) return extents
  }
}

function joined(blocks: readonly number[], gap: number): Extent[] {
  const extents: Extent[] = []
  for (const block of blocks) {
    const last = extents.at(-1)
    if (last && block - (last.block + last.count) < gap) last.count = block - last.block + 1
    else extents.push({ block, count: 1 })
  }
  return extents
}

/** The longest ones, still in the base's order. */
function longest(extents: readonly Extent[]): Extent[] {
  const kept = new Set(extents.toSorted((a, b) => b.count - a.count).slice(0, EXTENTS_MAX))
  return extents.filter((extent) => kept.has(extent))
}
