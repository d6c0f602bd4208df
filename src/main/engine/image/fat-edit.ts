import { AppError } from '../../contract/errors.ts'
import { FatFiles, entryIn } from './fat-files.ts'
import { ATTRIBUTE, type FatEntry, type FatFolder, REMOVED, SLOT_BYTES, readFolder } from './fat-folder.ts'
import { isFatName } from './fat-new-names.ts'
import { change, encodeEntry, encodeFolder, freeSlots, freeTail, namedSlots, slotOf } from './fat-slots.ts'
import { FatSpace } from './fat-space.ts'
import { type FatVolume, badFat, clusterAt, openFat } from './fat-volume.ts'
import {
  type EditImage,
  type EditableFileSystem,
  type NewFile,
  type NewFolder,
  type Ownership,
  imageFull,
  notFound,
  partsOf,
} from './file-system.ts'

const MAX_FILE_BYTES = 2 ** 32 - 1
const MAX_SLOTS = 65_536

/** Changes a FAT12, 16 or 32 image. ARTIFACT_INVALID when it is none, is damaged, or its tables differ. */
export async function editFat(image: EditImage): Promise<EditableFileSystem> {
  const volume = await openFat(image.read)
  return new FatEditor(volume, image, await FatSpace.open(volume, image))
}

/** Where a file is to be: its folder, what is there already, and its name. */
interface Place {
  folder: FatFolder
  name: string
  old: FatEntry | undefined
}

/** Modes and owners have no place in FAT but for the read-only flag; the volume's label and its flags stay as they are. */
class FatEditor extends FatFiles implements EditableFileSystem {
  readonly #image: EditImage
  readonly #space: FatSpace

  constructor(volume: FatVolume, image: EditImage, space: FatSpace) {
    super(volume)
    this.#image = image
    this.#space = space
  }

  async writeFile(path: string, file: NewFile): Promise<void> {
    const { sizeBytes, modifiedAt } = file
    const { folder, name, old } = await this.#place(path)
    if (old && isFolder(old)) throw conflict(path)
    if (sizeBytes > MAX_FILE_BYTES) throw new AppError('BAD_INPUT', `${path} has ${sizeBytes} bytes; FAT holds files of less than 4 GiB`)
    const attributes = attributesWith(file, old ? old.attributes : ATTRIBUTE.archive)
    const slot = encodeEntry({ attributes, firstCluster: 0, sizeBytes, modifiedAt })
    const slots = old ? null : namedSlots(folder, name, slot)
    const { clusterBytes } = this.volume
    const oldChain = old ? this.#chainOf(old) : []
    const free = (this.#space.freeCount + oldChain.length - (slots ? this.#growth(folder, slots) : 0)) * clusterBytes
    if (sizeBytes > free) throw imageFull(path, sizeBytes, Math.max(0, free))
    if (slots) await this.#reserve(folder, slots)
    const chain = await this.#space.replace(oldChain, file, path)
    const [firstCluster = 0] = chain
    if (old) return this.#change(folder, old, { attributes, firstCluster, sizeBytes, modifiedAt })
    if (slots) await this.#put(folder, slots, firstCluster)
  }

  async makeFolder(path: string, made: NewFolder): Promise<void> {
    const parts = partsOf(path)
    if (made.hasParents)
      for (let count = 1; count < parts.length; count++)
        await this.#makeFolder(`/${parts.slice(0, count).join('/')}`, { ...made, mode: undefined })
    await this.#makeFolder(path, made)
  }

  async makeLink(path: string): Promise<void> {
    throw new AppError('BAD_INPUT', `${path} cannot be a link: FAT has none`, 'Copy the file that it should lead to.')
  }

  remove(path: string, { isRecursive = false }: { isRecursive?: boolean | undefined } = {}): Promise<void> {
    return this.#remove(path, isRecursive, new Set([this.volume.rootCluster]))
  }

  async setFacts(path: string, facts: Ownership & { modifiedAt?: number | undefined }): Promise<void> {
    // Nothing is kept of the root folder.
    if (partsOf(path).length === 0) return
    await this.get(path)
    const { folder, old } = await this.#existing(path)
    const { modifiedAt } = facts
    await this.#change(folder, old, { attributes: attributesWith(facts, old.attributes), ...(modifiedAt !== undefined && { modifiedAt }) })
  }

  async rename(from: string, to: string): Promise<void> {
    const { folder, old: entry } = await this.#place(from)
    const target = await this.#place(to)
    if (!entry) throw notFound(from)
    // The file that is replaced, which is not the one that only changes the case of its name.
    const replaced = target.old && !isSame(target, { folder, old: entry }) ? target.old : null
    if (target.old && !replaced && entry.name === target.name) return
    if (replaced && (isFolder(replaced) || isFolder(entry))) throw conflict(to)
    if (isFolder(entry) && (await this.#isInside(to, entry))) throw new AppError('BAD_INPUT', `${to} lies in ${from}`)
    const others = target.folder.entries.filter((each) => each !== target.old)
    const slots = namedSlots({ ...target.folder, entries: others }, target.name, slotOf(folder, entry))
    if (this.#growth(target.folder, slots) > this.#space.freeCount) throw imageFull(to, this.volume.clusterBytes, 0)
    await this.#reserve(target.folder, slots)
    if (replaced) {
      this.#space.release(this.#chainOf(replaced))
      await this.#erase(target.folder, replaced)
    }
    await this.#put(target.folder, slots)
    await this.#erase(await readFolder(this.volume, folder.firstCluster), entry)
    if (isFolder(entry)) await this.#setAbove(entry, target.folder)
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(this.#space.freeCount * this.volume.clusterBytes)
  }

  finish(): Promise<void> {
    return this.#space.finish()
  }

  async #remove(path: string, isRecursive: boolean, seen: Set<number>): Promise<void> {
    const { folder, old } = await this.#existing(path)
    if (isFolder(old)) {
      if (seen.has(old.firstCluster)) throw badFat(`the folder ${path} is in two places`)
      seen.add(old.firstCluster)
      const { entries } = await readFolder(this.volume, old.firstCluster)
      if (entries.length > 0 && !isRecursive) throw new AppError('BAD_INPUT', `${path} is not empty`, 'Remove what is in it with -r.')
      for (const { name } of entries) await this.#remove(`${path}/${name}`, isRecursive, seen)
    }
    this.#space.release(this.#chainOf(old))
    await this.#erase(folder, old)
  }

  async #makeFolder(path: string, { modifiedAt, hasParents, ...facts }: NewFolder): Promise<void> {
    if (partsOf(path).length === 0 && hasParents) return
    const { folder, name, old } = await this.#place(path)
    if (old && hasParents && isFolder(old)) return
    if (old) throw conflict(path)
    const attributes = attributesWith(facts, ATTRIBUTE.folder)
    const slots = namedSlots(folder, name, encodeEntry({ attributes, firstCluster: 0, sizeBytes: 0, modifiedAt }))
    const { clusterBytes } = this.volume
    const free = this.#space.freeCount - this.#growth(folder, slots)
    if (free < 1) throw imageFull(path, clusterBytes, 0)
    await this.#reserve(folder, slots)
    const [own = 0] = this.#space.take(1)
    const above = this.#aboveOf(folder)
    await this.#image.write(clusterAt(this.volume, own), encodeFolder(clusterBytes, { own, above, modifiedAt }))
    await this.#put(folder, slots, own)
  }

  async #place(path: string): Promise<Place> {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined || name === '..') throw new AppError('BAD_INPUT', `${path} cannot be changed`, 'Name a file or folder in it.')
    if (!isFatName(name))
      throw new AppError(
        'BAD_INPUT',
        `${JSON.stringify(name)} cannot be a name on FAT`,
        'Leave out "*/:<>?\\| and a dot or space at the end.',
      )
    const folder = await this.folderAt(`/${parts.join('/')}`)
    return { folder, name, old: entryIn(folder, name) }
  }

  async #existing(path: string): Promise<{ folder: FatFolder; old: FatEntry }> {
    const { folder, old } = await this.#place(path)
    if (!old) throw notFound(path)
    return { folder, old }
  }

  #chainOf({ firstCluster }: Pick<FatEntry, 'firstCluster'>): number[] {
    return firstCluster === 0 ? [] : this.volume.table.chain(firstCluster, this.volume.clusterCount)
  }

  /** How many clusters a folder grows by to take these slots in. DISK_FULL when it cannot. */
  #growth(folder: FatFolder, slots: Uint8Array): number {
    const count = slots.length / SLOT_BYTES
    if (freeSlots(folder, count) !== null) return 0
    const total = folder.bytes.length / SLOT_BYTES
    if (folder.firstCluster === 0) throw folderFull(`The root folder is full: it has room for ${total} entries`)
    if (total + count > MAX_SLOTS) throw folderFull(`The folder is full: it has ${total} entries`)
    return Math.ceil(((count - freeTail(folder)) * SLOT_BYTES) / this.volume.clusterBytes)
  }

  async #reserve(folder: FatFolder, slots: Uint8Array): Promise<void> {
    const clusters = this.#growth(folder, slots)
    if (clusters === 0) return
    const { clusterBytes } = this.volume
    const chain = this.#chainOf(folder)
    const added = this.#space.take(clusters)
    for (const cluster of added) await this.#image.write(clusterAt(this.volume, cluster), new Uint8Array(clusterBytes))
    this.#space.link([...chain, ...added])
    folder.bytes = Buffer.concat([folder.bytes, new Uint8Array(clusters * clusterBytes)])
  }

  /** Writes slots into the room that was reserved for them. */
  async #put(folder: FatFolder, slots: Uint8Array, firstCluster?: number): Promise<void> {
    const first = freeSlots(folder, slots.length / SLOT_BYTES)
    if (first === null) throw new AppError('INTERNAL', 'A folder has no room for an entry that was reserved')
    if (firstCluster !== undefined) change(slots.subarray(slots.length - SLOT_BYTES), { firstCluster })
    const end = first * SLOT_BYTES + slots.length
    // What follows the first empty slot means nothing, and may be anything.
    const isAtEnd = folder.bytes.subarray(first * SLOT_BYTES, end).some((byte, index) => index % SLOT_BYTES === 0 && byte === 0)
    folder.bytes.set(slots, first * SLOT_BYTES)
    if (isAtEnd && end < folder.bytes.length) folder.bytes[end] = 0
    await this.#write(folder, first * SLOT_BYTES, Math.min(folder.bytes.length, end + SLOT_BYTES))
  }

  async #change(folder: FatFolder, entry: FatEntry, facts: Parameters<typeof change>[1]): Promise<void> {
    change(slotOf(folder, entry), facts)
    await this.#write(folder, entry.slots.last * SLOT_BYTES, (entry.slots.last + 1) * SLOT_BYTES)
  }

  async #erase(folder: FatFolder, { slots }: FatEntry): Promise<void> {
    for (let slot = slots.first; slot <= slots.last; slot++) folder.bytes[slot * SLOT_BYTES] = REMOVED
    await this.#write(folder, slots.first * SLOT_BYTES, (slots.last + 1) * SLOT_BYTES)
  }

  /** Writes the bytes [start, end) of a folder to where they lie. */
  async #write(folder: FatFolder, start: number, end: number): Promise<void> {
    const { rootAt, clusterBytes } = this.volume
    if (folder.firstCluster === 0) return this.#image.write(rootAt + start, folder.bytes.subarray(start, end))
    const chain = this.#chainOf(folder)
    for (let at = start; at < end;) {
      const index = Math.floor(at / clusterBytes)
      const part = folder.bytes.subarray(at, Math.min(end, (index + 1) * clusterBytes))
      await this.#image.write(clusterAt(this.volume, chain[index] ?? 0) + (at - index * clusterBytes), part)
      at += part.length
    }
  }

  /** What `..` says of a folder that is above: 0 for the root folder, on FAT32 too. */
  #aboveOf({ firstCluster }: FatFolder): number {
    return firstCluster === this.volume.rootCluster ? 0 : firstCluster
  }

  async #setAbove(entry: FatEntry, above: FatFolder): Promise<void> {
    const folder = await readFolder(this.volume, entry.firstCluster)
    change(folder.bytes.subarray(SLOT_BYTES, 2 * SLOT_BYTES), { firstCluster: this.#aboveOf(above) })
    await this.#write(folder, SLOT_BYTES, 2 * SLOT_BYTES)
  }

  async #isInside(path: string, { firstCluster }: FatEntry): Promise<boolean> {
    const parts = partsOf(path)
    for (let count = 1; count < parts.length; count++) {
      const above = await this.get(`/${parts.slice(0, count).join('/')}`)
      if (above.firstCluster === firstCluster) return true
    }
    return false
  }
}

/** Whether two places hold the same entry. */
function isSame(a: Pick<Place, 'folder' | 'old'>, b: Pick<Place, 'folder' | 'old'>): boolean {
  return a.folder.firstCluster === b.folder.firstCluster && a.old?.slots.last === b.old?.slots.last
}

function isFolder({ attributes }: FatEntry): boolean {
  return (attributes & ATTRIBUTE.folder) !== 0
}

/** A mode in which nobody may write is FAT's read-only flag. */
function attributesWith({ mode }: Ownership, attributes: number): number {
  if (mode === undefined) return attributes
  return (mode & 0o222) === 0 ? attributes | ATTRIBUTE.readOnly : attributes & ~ATTRIBUTE.readOnly
}

function conflict(path: string): AppError {
  return new AppError('CONFLICT', `${path} is there already`, 'Remove it first, or choose another name.')
}

function folderFull(message: string): AppError {
  return new AppError('DISK_FULL', message, 'Put the file into a folder below it.')
}
