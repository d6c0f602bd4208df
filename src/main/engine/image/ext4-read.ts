import { type Run, runsOf } from './ext4-blocks.ts'
import { nameBytesOf } from './ext4-entries.ts'
import { type FolderEntry, findEntry, folderEntries } from './ext4-folder.ts'
import { type Inode, ROOT_INODE, readInode } from './ext4-inode.ts'
import { I_BLOCK_BYTES } from './ext4-layout.ts'
import { type Volume, openVolume, readBlocks, renewBudget, spendHoles } from './ext4-volume.ts'
import { type ReadImage, badImage, bytesOf, linuxText } from './image-bytes.ts'

const MAX_LINKS = 40
const PIECE_BYTES = 1 << 20
const ZEROS = new Uint8Array(PIECE_BYTES)

/**
 * Reads an ext2, 3 or 4 image: folders, files, links. Every failure of the image is ARTIFACT_INVALID with the structure that is
 * wrong; nothing that the bytes say makes it loop or keep more than one folder in memory.
 */
export class Ext4 {
  readonly #volume: Volume

  constructor(volume: Volume) {
    this.#volume = volume
  }

  /** ARTIFACT_INVALID when it is no such file system, needs its journal replayed, or has features that are not understood. */
  static async open(read: ReadImage): Promise<Ext4> {
    return new Ext4(await openVolume(read))
  }

  /** How many inodes are in use, the reserved ones among them; what the superblock says. */
  get usedInodeCount(): number {
    return this.#volume.usedInodeCount
  }

  root(): Promise<Inode> {
    return this.inode(ROOT_INODE)
  }

  inode(number: number): Promise<Inode> {
    return readInode(this.#volume, number)
  }

  /** What a folder holds, without `.` and `..`, in the order of the names' characters. */
  async list(folder: Inode): Promise<FolderEntry[]> {
    const found = new Map<string, FolderEntry>()
    for await (const entry of folderEntries(this.#volume, folder)) {
      if (entry.name === '.' || entry.name === '..') continue
      if (found.has(entry.name)) throw badImage(`ext4: ${JSON.stringify(entry.name)} is twice in the folder with inode ${folder.number}`)
      found.set(entry.name, entry)
    }
    return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The content of a file, holes as zeros, in pieces of at most 1 MiB; a piece is good until the next is asked for. */
  async *content(file: Inode): AsyncGenerator<Uint8Array, void, void> {
    if (file.inline) return yield this.#inline(file)
    const { blockSize } = this.#volume
    let position = 0
    for await (const run of runsOf(this.#volume, file)) {
      yield* this.#hole(run.logical * blockSize - position)
      position = run.logical * blockSize
      for await (const piece of this.#run(run)) {
        const part = piece.subarray(0, Math.min(piece.length, file.sizeBytes - position))
        position += part.length
        yield part
      }
    }
    yield* this.#hole(file.sizeBytes - position)
  }

  /** Where a symbolic link points to. */
  async linkTarget(link: Inode): Promise<string> {
    const { sizeBytes, block } = link
    if (sizeBytes > this.#volume.blockSize) throw badImage(`ext4: the link with inode ${link.number} is ${sizeBytes} bytes long`)
    if (!link.inline && !link.hasExtents && sizeBytes < I_BLOCK_BYTES) return linuxText(bytesOf(block).subarray(0, sizeBytes))
    for await (const piece of this.content(link)) return linuxText(piece)
    return ''
  }

  /** The file at a path from the root, links followed, the last one too unless it is asked for itself; null when there is none. */
  async find(path: string, { isFollowed = true } = {}): Promise<Inode | null> {
    renewBudget(this.#volume)
    let left = partsOf(path)
    let folders = [await this.root()]
    for (let links = 0; ;) {
      const here = folders.at(-1)
      const part = left.shift()
      if (!here || part === undefined) return here ?? null
      if (part === '..') {
        folders = folders.slice(0, Math.max(1, folders.length - 1))
        continue
      }
      const inode = await this.child(here, part)
      if (!inode) return null
      if (inode.kind !== 'link' || (left.length === 0 && !isFollowed)) {
        folders.push(inode)
        continue
      }
      if (++links > MAX_LINKS) return null
      const target = await this.linkTarget(inode)
      left = [...partsOf(target), ...left]
      if (target.startsWith('/')) folders = folders.slice(0, 1)
    }
  }

  /** The file of that name in a folder; null when there is none. */
  async child(folder: Inode, name: string): Promise<Inode | null> {
    if (folder.kind !== 'folder') return null
    const entry = await findEntry(this.#volume, folder, nameBytesOf(name))
    return entry && this.inode(entry.inode)
  }

  #inline({ inline, sizeBytes, number }: Inode): Uint8Array {
    if (inline === null || sizeBytes > inline.length) throw badImage(`ext4: inode ${number} keeps less than its ${sizeBytes} bytes inline`)
    return inline.subarray(0, sizeBytes)
  }

  async *#run({ physical, count }: Run): AsyncGenerator<Uint8Array, void, void> {
    const atOnce = PIECE_BYTES / this.#volume.blockSize
    for (let done = 0; done < count; done += atOnce)
      yield bytesOf(await readBlocks(this.#volume, physical + done, Math.min(atOnce, count - done)))
  }

  *#hole(sizeBytes: number): Generator<Uint8Array, void, void> {
    spendHoles(this.#volume, Math.max(0, sizeBytes))
    for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) yield ZEROS.subarray(0, Math.min(left, PIECE_BYTES))
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}
