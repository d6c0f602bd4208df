import type { BlockCache } from './block-cache.ts'
import { type Bits, freeBits, padBits, putBits } from './ext4-bitmap.ts'
import { type Checksums, isSound, seal } from './ext4-checksum.ts'
import { GROUP, GROUP_FLAGS, SUPER, SUPERBLOCK_AT, SUPERBLOCK_BYTES, get, getWide, put, putWide } from './ext4-layout.ts'
import { type Volume, descriptorAt } from './ext4-volume.ts'
import { type Zone, groupBlocks, groupStart, systemZones, zonesIn } from './ext4-zones.ts'
import { badImage, bytesOf } from './image-bytes.ts'

/** A run of blocks is taken from elsewhere rather than pieces that are shorter than this. */
const GOOD_RUN = 256

type BitmapKind = 'block' | 'inode'

/** Where each kind of bitmap has its numbers in a descriptor. */
const BITMAPS = {
  block: { place: GROUP.bg_block_bitmap, sum: 'bg_block_bitmap_csum', unwritten: GROUP_FLAGS.BLOCK_UNINIT },
  inode: { place: GROUP.bg_inode_bitmap, sum: 'bg_inode_bitmap_csum', unwritten: GROUP_FLAGS.INODE_UNINIT },
} as const

/** Hands out blocks and inodes, and takes them back: bitmaps, counts in descriptors and superblock, and the checksums of all of them. */
export class Groups {
  readonly #volume: Volume
  readonly #cache: BlockCache
  readonly #sums: Checksums
  readonly #zones: readonly Zone[]
  /** Given back by the running operation; they are free only when it has succeeded, so that nothing is written into them before. */
  #freed: Bits[] = []
  /** Of which the checksum was looked at, and those of which it is to be made again. */
  readonly #checked = new Set<string>()
  readonly #touched: Record<BitmapKind, Set<number>> = { block: new Set(), inode: new Set() }

  private constructor(volume: Volume, cache: BlockCache, { sums, zones }: { sums: Checksums; zones: readonly Zone[] }) {
    this.#volume = volume
    this.#cache = cache
    this.#sums = sums
    this.#zones = zones
  }

  static async open(volume: Volume, cache: BlockCache, sums: Checksums): Promise<Groups> {
    const superblock = await cache.read(SUPERBLOCK_AT, SUPERBLOCK_BYTES)
    if (!isSound(sums.superblock(superblock))) throw badImage('ext4: the checksum of the superblock is wrong')
    for (let group = 0; group < volume.groupCount; group++) {
      const descriptor = await cache.read(descriptorAt(volume, group), volume.descriptorSize)
      if (!isSound(sums.group(descriptor, group))) throw badImage(`ext4: the checksum of the descriptor of group ${group} is wrong`)
    }
    return new Groups(volume, cache, { sums, zones: await systemZones(volume) })
  }

  async freeBlockCount(): Promise<number> {
    return getWide(await this.#superblock(), SUPER.s_free_blocks_count)
  }

  /** Blocks in as few runs as there may be, from a group on. null when there are not as many; some are then taken already. */
  async allocateBlocks(count: number, goalGroup: number): Promise<Bits[] | null> {
    const runs: Bits[] = []
    let left = count
    for (const shortest of new Set([Math.min(count, GOOD_RUN), 1])) {
      for (let index = 0; index < this.#volume.groupCount && left > 0; index++) {
        const group = (goalGroup + index) % this.#volume.groupCount
        for (const run of await this.#takeBlocks(group, left, shortest)) {
          runs.push(run)
          left -= run.count
        }
      }
    }
    return left > 0 ? null : runs
  }

  /** ARTIFACT_INVALID for blocks that no file can have. */
  checkOwned(run: Bits): void {
    if (run.start + run.count > this.#volume.blockCount || zonesIn(this.#zones, run).length > 0)
      throw badImage(`ext4: a file claims block ${run.start}, which is part of the file system`)
  }

  /** ARTIFACT_INVALID, now or when the operation is settled, for blocks that no file can have had. */
  freeBlocks(run: Bits): void {
    this.checkOwned(run)
    this.#cache.forget(run)
    this.#freed.push(run)
  }

  /** The lowest free inode from a group on; null when all are in use. */
  async allocateInode(goalGroup: number, isFolder: boolean): Promise<number | null> {
    const { groupCount, inodesPerGroup } = this.#volume
    const first = get(await this.#superblock(), SUPER.s_rev_level) === 0 ? 11 : get(await this.#superblock(), SUPER.s_first_ino)
    for (let index = 0; index < groupCount; index++) {
      const group = (goalGroup + index) % groupCount
      if (getWide(await this.#descriptor(group), GROUP.bg_free_inodes_count) === 0) continue
      const bitmap = await this.#bitmap(group, 'inode')
      for (const { start, count } of freeBits(bitmap, inodesPerGroup)) {
        const bit = Math.max(start, group === 0 ? first - 1 : 0)
        if (bit >= start + count) continue
        putBits(bitmap, { start: bit, count: 1 }, true)
        await this.#countInode(group, { free: -1, folders: isFolder ? 1 : 0, upTo: bit + 1 })
        return group * inodesPerGroup + bit + 1
      }
    }
    return null
  }

  async freeInode(number: number, isFolder: boolean): Promise<void> {
    const group = Math.floor((number - 1) / this.#volume.inodesPerGroup)
    const bitmap = await this.#bitmap(group, 'inode')
    if (!putBits(bitmap, { start: (number - 1) % this.#volume.inodesPerGroup, count: 1 }, false))
      throw badImage(`ext4: inode ${number} is in a folder, and free in its bitmap`)
    await this.#countInode(group, { free: 1, folders: isFolder ? -1 : 0, upTo: 0 })
  }

  /** The operation has come to its end: what it gave back is free. */
  async settle(): Promise<void> {
    const { firstDataBlock, blocksPerGroup } = this.#volume
    for (const run of this.#freed) {
      for (let { start, count } = run; count > 0;) {
        const group = Math.floor((start - firstDataBlock) / blocksPerGroup)
        const from = start - groupStart(this.#volume, group)
        const part = Math.min(count, blocksPerGroup - from)
        if (!putBits(await this.#bitmap(group, 'block'), { start: from, count: part }, false))
          throw badImage(`ext4: block ${start} belongs to two files, or to one and is free in its bitmap`)
        await this.#countBlocks(group, part)
        start += part
        count -= part
      }
    }
    this.#freed = []
  }

  drop(): void {
    this.#freed = []
  }

  /** Makes the checksums right of everything that was changed. */
  async seal(): Promise<void> {
    const { blocksPerGroup, inodesPerGroup } = this.#volume
    for (const [kind, bits] of [['block', blocksPerGroup] as const, ['inode', inodesPerGroup] as const]) {
      for (const group of this.#touched[kind]) {
        const bitmap = await this.#bitmap(group, kind)
        seal(this.#sums.bitmap(await this.#descriptor(group), BITMAPS[kind].sum, bitmap.subarray(0, bits / 8)))
      }
    }
    for (const group of new Set([...this.#touched.block, ...this.#touched.inode]))
      seal(this.#sums.group(await this.#descriptor(group), group))
    seal(this.#sums.superblock(await this.#superblock()))
    this.#touched.block.clear()
    this.#touched.inode.clear()
  }

  async #takeBlocks(group: number, count: number, shortest: number): Promise<Bits[]> {
    if (getWide(await this.#descriptor(group), GROUP.bg_free_blocks_count) < shortest) return []
    const bitmap = await this.#bitmap(group, 'block')
    const taken: Bits[] = []
    let left = count
    for (const run of freeBits(bitmap, groupBlocks(this.#volume, group))) {
      if (left === 0) break
      if (run.count < Math.min(shortest, left)) continue
      const part = { start: run.start, count: Math.min(run.count, left) }
      const blocks = { start: groupStart(this.#volume, group) + part.start, count: part.count }
      if (zonesIn(this.#zones, blocks).length > 0)
        throw badImage(`ext4: the block bitmap of group ${group} shows the file system itself as free`)
      putBits(bitmap, part, true)
      taken.push(blocks)
      left -= part.count
    }
    if (left < count) await this.#countBlocks(group, left - count)
    return taken
  }

  async #countBlocks(group: number, free: number): Promise<void> {
    add(await this.#descriptor(group), GROUP.bg_free_blocks_count, free)
    add(await this.#superblock(), SUPER.s_free_blocks_count, free)
  }

  /** `upTo`: how many inodes of the group, from its first on, may have something in them. */
  async #countInode(group: number, { free, folders, upTo }: { free: number; folders: number; upTo: number }): Promise<void> {
    const descriptor = await this.#descriptor(group)
    add(descriptor, GROUP.bg_free_inodes_count, free)
    add(descriptor, GROUP.bg_used_dirs_count, folders)
    if (this.#sums.hasGroupFlags) {
      const unused = Math.min(getWide(descriptor, GROUP.bg_itable_unused), this.#volume.inodesPerGroup - upTo)
      putWide(descriptor, GROUP.bg_itable_unused, unused)
    }
    const superblock = await this.#superblock()
    put(superblock, SUPER.s_free_inodes_count, Math.max(0, get(superblock, SUPER.s_free_inodes_count) + free))
  }

  /** A group's bitmap to be changed; made where it was never written. */
  async #bitmap(group: number, kind: BitmapKind): Promise<Uint8Array> {
    const { place, sum, unwritten } = BITMAPS[kind]
    const descriptor = await this.#descriptor(group)
    const block = getWide(descriptor, place)
    if (block <= this.#volume.firstDataBlock || block >= this.#volume.blockCount)
      throw badImage(`ext4: group ${group} has its ${kind} bitmap at block ${block}`)
    this.#touched[kind].add(group)
    const flags = get(descriptor, GROUP.bg_flags)
    if (this.#sums.hasGroupFlags && flags & unwritten) {
      put(descriptor, GROUP.bg_flags, flags & ~unwritten)
      return this.#makeBitmap(bytesOf(this.#cache.fresh(block)), group, kind)
    }
    const bitmap = bytesOf(await this.#cache.edit(block))
    const name = `${kind} ${group}`
    const bits = kind === 'block' ? this.#volume.blocksPerGroup : this.#volume.inodesPerGroup
    if (!this.#checked.has(name) && !isSound(this.#sums.bitmap(descriptor, sum, bitmap.subarray(0, bits / 8))))
      throw badImage(`ext4: the checksum of the ${kind} bitmap of group ${group} is wrong`)
    this.#checked.add(name)
    return bitmap
  }

  #makeBitmap(bitmap: Uint8Array, group: number, kind: BitmapKind): Uint8Array {
    this.#checked.add(`${kind} ${group}`)
    padBits(bitmap, kind === 'block' ? groupBlocks(this.#volume, group) : this.#volume.inodesPerGroup)
    if (kind === 'inode') return bitmap
    const start = groupStart(this.#volume, group)
    for (const zone of zonesIn(this.#zones, { start, count: groupBlocks(this.#volume, group) }))
      putBits(bitmap, { start: zone.start - start, count: zone.count }, true)
    return bitmap
  }

  async #descriptor(group: number): Promise<DataView> {
    const { blockSize, descriptorSize } = this.#volume
    const at = descriptorAt(this.#volume, group)
    const block = await this.#cache.edit(Math.floor(at / blockSize))
    return new DataView(block.buffer, block.byteOffset + (at % blockSize), descriptorSize)
  }

  #superblock(): Promise<DataView> {
    return superblockOf(this.#cache, this.#volume.blockSize)
  }
}

/** The superblock to be changed. */
export async function superblockOf(cache: BlockCache, blockSize: number): Promise<DataView> {
  const block = await cache.edit(Math.floor(SUPERBLOCK_AT / blockSize))
  return new DataView(block.buffer, block.byteOffset + (SUPERBLOCK_AT % blockSize), SUPERBLOCK_BYTES)
}

/** A damaged image may have counts that do not fit to its bitmaps: they stay within their fields. */
function add(view: DataView, field: typeof GROUP.bg_free_blocks_count | typeof SUPER.s_free_blocks_count, by: number): void {
  putWide(view, field, Math.max(0, getWide(view, field) + by))
}
