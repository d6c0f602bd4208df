import type { Tree, TreeEntry } from './tree.ts'

const FILE_TYPES: Readonly<Record<TreeEntry['kind'], number>> = { file: 0o10_0000, folder: 0o4_0000, link: 0o12_0000 }
const MAGIC = '070701'
const END = 'TRAILER!!!'

/** A tree in the format "newc" of cpio, as the kernel unpacks an initramfs (its Documentation/driver-api/early-userspace/buffer-format.rst). */
export function encodeCpio(tree: Tree): Buffer {
  const pieces = tree.entries().flatMap(([path, entry], index) => record(path.slice(1), index + 1, entry))
  return Buffer.concat([...pieces, ...record(END, 0, null)])
}

function record(name: string, inode: number, entry: TreeEntry | null): Buffer[] {
  const content =
    entry === null || entry.kind === 'folder' ? Buffer.alloc(0) : Buffer.from(entry.kind === 'link' ? entry.target : entry.content)
  const mode = entry === null ? 0 : FILE_TYPES[entry.kind] | (entry.kind === 'link' ? 0o777 : entry.mode)
  const path = Buffer.from(`${name}\0`)
  // inode, mode, user, group, names of it, time, size, the numbers of two devices, length of the name, checksum
  const fields = [inode, mode, 0, 0, entry?.kind === 'folder' ? 2 : 1, 0, content.length, 0, 0, 0, 0, path.length, 0]
  const head = Buffer.from(MAGIC + fields.map((value) => value.toString(16).toUpperCase().padStart(8, '0')).join(''))
  return [padded(Buffer.concat([head, path])), padded(content)]
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
}
