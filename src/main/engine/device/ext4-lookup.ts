/** Reads `length` bytes at `position` of a file system image; shorter where the image ends. */
export type ReadImage = (position: number, length: number) => Promise<DataView>

const SUPERBLOCK_AT = 1024
const MAGIC = 0xef53
const ROOT_INODE = 2
const INCOMPAT_META_BG = 0x10
const INCOMPAT_64BIT = 0x80
const FLAG_EXTENTS = 0x8_0000
const FLAG_INLINE_DATA = 0x1000_0000
const EXTENT_MAGIC = 0xf30a
const MAX_LINKS = 8
/** No folder of a root file system that a kernel looks for init in is larger. */
const MAX_FOLDER_BLOCKS = 4096

interface Volume {
  read: ReadImage
  blockSize: number
  inodeSize: number
  inodesPerGroup: number
  descriptorSize: number
  descriptorsAt: number
}

interface Inode {
  kind: 'folder' | 'link' | 'other'
  sizeBytes: number
  hasExtents: boolean
  isInline: boolean
  /** i_block: block pointers, an extent tree, or the text of a short link. */
  block: DataView
}

/** Thrown inside this file for a layout it does not know. */
class NotUnderstood extends Error {}

/** Whether an image carries the magic number of ext2, 3 and 4 (offset 1080). */
export async function isExt4(read: ReadImage): Promise<boolean> {
  const view = await read(SUPERBLOCK_AT, 1024)
  return view.byteLength === 1024 && view.getUint16(56, true) === MAGIC
}

/**
 * Looks an absolute path up in an ext2, 3 or 4 image, following links. `unknown` where the layout is not understood (meta block
 * groups, inline data, damage). Kernel documentation, "ext4 Data Structures and Algorithms".
 */
export async function lookUp(read: ReadImage, path: string): Promise<'present' | 'absent' | 'unknown'> {
  try {
    const volume = await openVolume(read)
    return (await resolve(volume, path)) ? 'present' : 'absent'
  } catch (thrown) {
    if (thrown instanceof NotUnderstood || thrown instanceof RangeError) return 'unknown'
    throw thrown
  }
}

async function openVolume(read: ReadImage): Promise<Volume> {
  const view = await read(SUPERBLOCK_AT, 1024)
  const incompatible = view.getUint32(96, true)
  const blockSize = 1024 << view.getUint32(24, true)
  const inodesPerGroup = view.getUint32(40, true)
  const isRevision0 = view.getUint32(76, true) === 0
  if (view.getUint16(56, true) !== MAGIC || blockSize > 65_536 || inodesPerGroup === 0 || incompatible & INCOMPAT_META_BG)
    throw new NotUnderstood('superblock')
  return {
    read,
    blockSize,
    inodesPerGroup,
    inodeSize: isRevision0 ? 128 : view.getUint16(88, true),
    descriptorSize: incompatible & INCOMPAT_64BIT ? view.getUint16(254, true) : 32,
    descriptorsAt: (view.getUint32(20, true) + 1) * blockSize,
  }
}

/** Walks the path; answers the inode's number or null. A link's target takes its place at the front of what is left. */
async function resolve(volume: Volume, path: string): Promise<number | null> {
  let left = partsOf(path)
  let at = ROOT_INODE
  for (let links = 0; ;) {
    const part = left.shift()
    if (part === undefined) return at
    const found = await entryOf(volume, at, part)
    if (found === null) return null
    const inode = await readInode(volume, found)
    if (inode.kind !== 'link') {
      at = found
      continue
    }
    if (++links > MAX_LINKS) return null
    const target = await linkText(volume, inode)
    left = [...partsOf(target), ...left]
    if (target.startsWith('/')) at = ROOT_INODE
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

async function readInode(volume: Volume, number: number): Promise<Inode> {
  const group = Math.floor((number - 1) / volume.inodesPerGroup)
  const descriptor = await volume.read(volume.descriptorsAt + group * volume.descriptorSize, volume.descriptorSize)
  const high = volume.descriptorSize >= 64 ? descriptor.getUint32(0x28, true) : 0
  const table = (high * 2 ** 32 + descriptor.getUint32(8, true)) * volume.blockSize
  const view = await volume.read(table + ((number - 1) % volume.inodesPerGroup) * volume.inodeSize, volume.inodeSize)
  const format = view.getUint16(0, true) & 0xf000
  const flags = view.getUint32(32, true)
  return {
    kind: format === 0x4000 ? 'folder' : format === 0xa000 ? 'link' : 'other',
    sizeBytes: view.getUint32(4, true),
    hasExtents: (flags & FLAG_EXTENTS) !== 0,
    isInline: (flags & FLAG_INLINE_DATA) !== 0,
    block: new DataView(view.buffer, view.byteOffset + 40, 60),
  }
}

async function linkText(volume: Volume, inode: Inode): Promise<string> {
  if (inode.sizeBytes < 60) return textOf(inode.block, 0, inode.sizeBytes)
  for await (const block of blocksOf(volume, inode)) return textOf(block, 0, Math.min(inode.sizeBytes, block.byteLength))
  throw new NotUnderstood('link')
}

async function entryOf(volume: Volume, folder: number, name: string): Promise<number | null> {
  const inode = await readInode(volume, folder)
  if (inode.kind !== 'folder') return null
  for await (const block of blocksOf(volume, inode)) {
    for (let at = 0; at + 8 <= block.byteLength;) {
      const size = block.getUint16(at + 4, true)
      if (size < 8) throw new NotUnderstood('folder entry')
      const number = block.getUint32(at, true)
      if (number !== 0 && textOf(block, at + 8, block.getUint8(at + 6)) === name) return number
      at += size
    }
  }
  return null
}

async function* blocksOf(volume: Volume, inode: Inode): AsyncGenerator<DataView> {
  if (inode.isInline) throw new NotUnderstood('inline data')
  const count = Math.ceil(inode.sizeBytes / volume.blockSize)
  if (count > MAX_FOLDER_BLOCKS) throw new NotUnderstood('size')
  if (inode.hasExtents) return yield* extentBlocks(volume, inode.block, count)
  for (let index = 0; index < count; index++) {
    if (index >= 12) throw new NotUnderstood('indirect blocks')
    yield await volume.read(inode.block.getUint32(index * 4, true) * volume.blockSize, volume.blockSize)
  }
}

async function* extentBlocks(volume: Volume, node: DataView, count: number): AsyncGenerator<DataView> {
  if (node.getUint16(0, true) !== EXTENT_MAGIC) throw new NotUnderstood('extent header')
  const depth = node.getUint16(6, true)
  if (depth > 5) throw new NotUnderstood('extent depth')
  for (let index = 0; index < node.getUint16(2, true); index++) {
    const at = 12 + index * 12
    if (depth > 0) {
      const child = (node.getUint16(at + 8, true) * 2 ** 32 + node.getUint32(at + 4, true)) * volume.blockSize
      const view = await volume.read(child, volume.blockSize)
      if (view.getUint16(6, true) >= depth) throw new NotUnderstood('extent depth')
      yield* extentBlocks(volume, view, count)
      continue
    }
    const start = node.getUint16(at + 6, true) * 2 ** 32 + node.getUint32(at + 8, true)
    const length = Math.min(node.getUint16(at + 4, true), count)
    for (let offset = 0; offset < length; offset++) yield await volume.read((start + offset) * volume.blockSize, volume.blockSize)
  }
}

function textOf(view: DataView, start: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + start, length))
}
