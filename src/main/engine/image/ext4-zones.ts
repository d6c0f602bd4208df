import type { Bits } from './ext4-bitmap.ts'
import { GROUP, getWide } from './ext4-layout.ts'
import { type Volume, descriptorAt } from './ext4-volume.ts'

/** Blocks that the file system itself lies in. */
export type Zone = Bits

export function groupStart({ firstDataBlock, blocksPerGroup }: Volume, group: number): number {
  return firstDataBlock + group * blocksPerGroup
}

/** The last group may be shorter. */
export function groupBlocks(volume: Volume, group: number): number {
  return Math.min(volume.blocksPerGroup, volume.blockCount - groupStart(volume, group))
}

/** At the beginning of a group: a superblock, descriptors, and room for more of them. Counts of blocks. */
export function groupFront(volume: Volume, group: number): { superblock: number; descriptors: number; reserved: number } {
  const { groupCount, firstMetaGroup, reservedGdtBlocks } = volume
  const perBlock = volume.blockSize / volume.descriptorSize
  const superblock = volume.hasBackup(group) ? 1 : 0
  const metaGroup = Math.floor(group / perBlock)
  if (metaGroup >= firstMetaGroup) return { superblock, descriptors: holdsMetaDescriptors(volume, group) ? 1 : 0, reserved: 0 }
  if (superblock === 0) return { superblock, descriptors: 0, reserved: 0 }
  return { superblock, descriptors: Math.min(firstMetaGroup, Math.ceil(groupCount / perBlock)), reserved: reservedGdtBlocks }
}

/** With meta_bg the first, second and last group of as many as one block describes have that block. */
function holdsMetaDescriptors(volume: Volume, group: number): boolean {
  const perBlock = volume.blockSize / volume.descriptorSize
  return [0, 1, perBlock - 1].includes(group % perBlock)
}

/** Everything that belongs to no file, in order. */
export async function systemZones(volume: Volume): Promise<Zone[]> {
  const zones: Zone[] = []
  const tableBlocks = Math.ceil((volume.inodesPerGroup * volume.inodeSize) / volume.blockSize)
  for (let group = 0; group < volume.groupCount; group++) {
    const { superblock, descriptors, reserved } = groupFront(volume, group)
    zones.push({ start: groupStart(volume, group), count: superblock + descriptors + reserved })
    const descriptor = await volume.readMeta(descriptorAt(volume, group), volume.descriptorSize)
    zones.push({ start: getWide(descriptor, GROUP.bg_block_bitmap), count: 1 })
    zones.push({ start: getWide(descriptor, GROUP.bg_inode_bitmap), count: 1 })
    zones.push({ start: getWide(descriptor, GROUP.bg_inode_table), count: tableBlocks })
  }
  return zones.filter(({ count }) => count > 0).toSorted((a, b) => a.start - b.start)
}

/** Those of the zones that lie in a range of blocks, cut to it. */
export function zonesIn(zones: readonly Zone[], { start, count }: Bits): Zone[] {
  let [low, high] = [0, zones.length]
  // Zones of a sound file system do not overlap: the last one that begins before the range is the only one to reach into it.
  while (low < high) {
    const middle = (low + high) >> 1
    if ((zones[middle]?.start ?? 0) <= start) low = middle + 1
    else high = middle
  }
  const found: Zone[] = []
  for (let index = Math.max(0, low - 1); index < zones.length; index++) {
    const zone = zones[index]
    if (!zone || zone.start >= start + count) break
    const from = Math.max(zone.start, start)
    const to = Math.min(zone.start + zone.count, start + count)
    if (to > from) found.push({ start: from, count: to - from })
  }
  return found
}
