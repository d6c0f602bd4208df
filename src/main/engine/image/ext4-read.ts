import { type Run, runsOf } from './ext4-blocks.ts'
import { type Inode, readInode } from './ext4-inode.ts'
import { type Volume, openVolume, readBlocks } from './ext4-volume.ts'
import { type ReadImage, badImage, bytesOf, linuxText } from './image-bytes.ts'

export interface FolderEntry {
  name: string
  /** Number of the file's inode. */
  inode: number
}

const ROOT_INODE = 2
const MAX_LINKS = 40
const SHORT_LINK_BYTES = 60
const PIECE_BYTES = 1 << 20
const ZEROS = new Uint8Array(PIECE_BYTES)
/** Holes that are read out in all, in bytes: a few bytes of an image can promise terabytes of zeros. */
const MAX_HOLES = 16 * 2 ** 30
/** Inline folders begin with the number of the folder above. */
const INLINE_FOLDER_AT = 4

/**
 * Reads an ext2, 3 or 4 image: folders, files, links. Every failure of the image is ARTIFACT_INVALID with the structure that is
 * wrong; nothing that the bytes say makes it loop or keep more than one folder in memory.
 */
export class Ext4 {
  readonly #volume: Volume
  #holesLeft = MAX_HOLES

  private constructor(volume: Volume) {
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
    for await (const entry of this.#entries(folder)) {
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
    if (!link.inline && !link.hasExtents && sizeBytes < SHORT_LINK_BYTES) return linuxText(bytesOf(block).subarray(0, sizeBytes))
    for await (const piece of this.content(link)) return linuxText(piece)
    return ''
  }

  /** The file at an absolute path, links followed, the last one too; null when there is none. */
  async find(path: string): Promise<Inode | null> {
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
      const inode = await this.#child(here, part)
      if (!inode) return null
      if (inode.kind !== 'link') {
        folders.push(inode)
        continue
      }
      if (++links > MAX_LINKS) return null
      const target = await this.linkTarget(inode)
      left = [...partsOf(target), ...left]
      if (target.startsWith('/')) folders = folders.slice(0, 1)
    }
  }

  async #child(folder: Inode, name: string): Promise<Inode | null> {
    if (folder.kind !== 'folder') return null
    for await (const entry of this.#entries(folder)) if (entry.name === name) return this.inode(entry.inode)
    return null
  }

  async *#entries(folder: Inode): AsyncGenerator<FolderEntry, void, void> {
    if (folder.kind !== 'folder') throw badImage(`ext4: inode ${folder.number} is a ${folder.kind} where a folder is expected`)
    if (folder.inline) {
      // The part in i_block and the part in the attribute are two areas: no entry reaches from one into the other.
      yield* entriesOf(folder.inline.subarray(INLINE_FOLDER_AT, SHORT_LINK_BYTES), folder.number)
      return yield* entriesOf(folder.inline.subarray(SHORT_LINK_BYTES), folder.number)
    }
    for await (const run of runsOf(this.#volume, folder)) {
      for (let index = 0; index < run.count; index++)
        yield* entriesOf(bytesOf(await readBlocks(this.#volume, run.physical + index)), folder.number)
    }
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
    this.#holesLeft -= Math.max(0, sizeBytes)
    if (this.#holesLeft < 0) throw badImage(`ext4: the holes of its files are larger than ${MAX_HOLES} bytes in all`)
    for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) yield ZEROS.subarray(0, Math.min(left, PIECE_BYTES))
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/** The entries of one area of a folder, as a linear list; index nodes look like one unused entry. */
function* entriesOf(bytes: Uint8Array, folder: number): Generator<FolderEntry, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 8 <= bytes.length;) {
    const stored = view.getUint16(at + 4, true)
    // Blocks of 64 KiB: their length does not fit into the field.
    const length = (stored === 0 || stored === 0xffff) && bytes.length === 65_536 ? 65_536 - at : stored
    const inode = view.getUint32(at, true)
    const nameLength = view.getUint8(at + 6)
    if (length < 8 || length % 4 !== 0 || at + length > bytes.length || (inode !== 0 && 8 + nameLength > length))
      throw badImage(`ext4: the folder with inode ${folder} has a damaged entry at byte ${at} of a block`)
    if (inode !== 0) yield { name: nameOf(bytes.subarray(at + 8, at + 8 + nameLength), folder), inode }
    at += length
  }
}

function nameOf(bytes: Uint8Array, folder: number): string {
  if (bytes.length === 0 || bytes.includes(0x2f) || bytes.includes(0))
    throw badImage(`ext4: the folder with inode ${folder} has a name that no file can have`)
  return linuxText(bytes)
}
