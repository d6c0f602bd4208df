import { seal } from './ext4-checksum.ts'
import type { EditVolume } from './ext4-edit-volume.ts'
import { superblockOf } from './ext4-groups.ts'
import { SUPER, SUPERBLOCK_BYTES, put } from './ext4-layout.ts'
import { descriptorAt } from './ext4-volume.ts'
import { groupFront, groupStart } from './ext4-zones.ts'
import { bytesOf } from './image-bytes.ts'

/** Makes every copy of the superblock and of the descriptors like the first one, as e2fsprogs does. */
export async function putBackups(volume: EditVolume): Promise<void> {
  const superblock = new Uint8Array(bytesOf(await superblockOf(volume.cache, volume.blockSize)))
  for (let group = 1; group < volume.groupCount; group++) {
    const front = groupFront(volume, group)
    const start = groupStart(volume, group)
    if (front.superblock > 0) {
      const copy = volume.cache.fresh(start)
      bytesOf(copy).set(superblock)
      const view = new DataView(copy.buffer, copy.byteOffset, SUPERBLOCK_BYTES)
      put(view, SUPER.s_block_group_nr, group % 2 ** 16)
      seal(volume.sums.superblock(view))
    }
    for (let index = 0; index < front.descriptors; index++)
      await putDescriptors(volume, group, { to: start + front.superblock + index, index })
  }
}

/** One block of descriptors: of all those at the front, or of the groups that stand together with meta_bg. */
async function putDescriptors(volume: EditVolume, group: number, { to, index }: { to: number; index: number }): Promise<void> {
  const { blockSize, descriptorSize, firstMetaGroup, cache } = volume
  const perBlock = blockSize / descriptorSize
  const metaGroup = Math.floor(group / perBlock)
  const first = (metaGroup >= firstMetaGroup ? metaGroup : index) * perBlock
  const from = descriptorAt(volume, first) / blockSize
  if (from !== to) bytesOf(cache.fresh(to)).set(bytesOf(await cache.read(from * blockSize, blockSize)))
}
