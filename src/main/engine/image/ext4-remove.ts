import { attributesIn, attributesInBlock } from './ext4-attributes.ts'
import { isSound, seal } from './ext4-checksum.ts'
import { type EditVolume, editInode } from './ext4-edit-volume.ts'
import { folderEntries } from './ext4-folder.ts'
import { type Inode, parseInode, readInode } from './ext4-inode.ts'
import { putLinks, touch } from './ext4-inode-edit.ts'
import { INODE, INODE_FLAGS, I_BLOCK_BYTES, XATTR_HEADER, get, getWide, put } from './ext4-layout.ts'
import { takenBy } from './ext4-write.ts'
import { badImage } from './image-bytes.ts'

/** The ones before belong to the file system. */
const FIRST_INODE = 11

/** Takes one name from an inode that is no folder; with the last one it goes, and all that it has. */
export async function dropName(volume: EditVolume, number: number): Promise<void> {
  const view = await editInode(volume, number)
  const inode = parseInode(view, number)
  if (inode.linkCount === 0) throw badImage(`ext4: inode ${number} is in a folder and counts no names`)
  if (inode.linkCount === 1) return dropInode(volume, inode)
  touch(volume, view, 'facts')
  putLinks(volume, { view, number }, inode.linkCount - 1)
}

/** Frees an inode and all that it has. */
export async function dropInode(volume: EditVolume, inode: Inode): Promise<void> {
  const { number } = inode
  if (number < FIRST_INODE) throw badImage(`ext4: inode ${number} of the file system itself is in a folder`)
  const view = await editInode(volume, number)
  if (await hasValueInodes(volume, view, number))
    throw badImage(`ext4: inode ${number} has extended attributes in inodes of their own`, 'Remove them (setfattr -x) before.')
  if (ownsBlocks(inode)) for (const run of Object.values(await takenBy(volume, inode)).flat()) volume.groups.freeBlocks(run)
  await dropAttributeBlock(volume, view)
  await volume.groups.freeInode(number, inode.kind === 'folder')
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0)
}

/** Whether i_block is a map: it is none in short links, devices and what stands in the inode. */
export function ownsBlocks({ kind, inline, hasExtents, sizeBytes }: Inode): boolean {
  if (inline) return false
  if (kind === 'link') return hasExtents || sizeBytes >= I_BLOCK_BYTES
  return kind === 'file' || kind === 'folder'
}

async function hasValueInodes(volume: EditVolume, view: DataView, number: number): Promise<boolean> {
  if (!volume.features.has('ea_inode')) return false
  const block = getWide(view, INODE.i_file_acl)
  const own = attributesIn(view, number)
  const all = block === 0 ? own : [...own, ...attributesInBlock(await volume.cache.edit(block), block)]
  return all.some(({ valueInode }) => valueInode !== 0)
}

/** A block of extended attributes may be shared by many inodes, which it counts. */
async function dropAttributeBlock(volume: EditVolume, inode: DataView): Promise<void> {
  const number = getWide(inode, INODE.i_file_acl)
  if (number === 0) return
  const block = await volume.cache.edit(number)
  attributesInBlock(block, number)
  if (!isSound(volume.sums.attributes(block, number)))
    throw badImage(`ext4: the checksum of the extended attributes in block ${number} is wrong`)
  const count = get(block, XATTR_HEADER.h_refcount)
  if (count <= 1) return volume.groups.freeBlocks({ start: number, count: 1 })
  put(block, XATTR_HEADER.h_refcount, count - 1)
  seal(volume.sums.attributes(block, number))
}

/** Frees a folder and everything below it. Names from elsewhere on files in it stay. */
export async function dropTree(volume: EditVolume, top: Inode): Promise<void> {
  const seen = new Set<number>()
  const folders = [top]
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    if (seen.has(folder.number)) throw badImage(`ext4: the folder with inode ${folder.number} is in two places`)
    seen.add(folder.number)
    const entries: number[] = []
    for await (const { name, inode } of folderEntries(volume, folder)) if (name !== '.' && name !== '..') entries.push(inode)
    for (const number of entries) {
      const child = await readInode(volume, number)
      if (child.flags & INODE_FLAGS.EA_INODE) throw badImage(`ext4: inode ${number} is no file`)
      if (child.kind === 'folder') folders.push(child)
      else await dropName(volume, number)
    }
    await dropInode(volume, await readInode(volume, folder.number))
  }
}
