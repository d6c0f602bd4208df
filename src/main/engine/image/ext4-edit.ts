import { AppError } from '../../contract/errors.ts'
import { putBackups } from './ext4-backups.ts'
import { fillFile, fillLink, makeInode, putLinkCount, replaceFile } from './ext4-edit-file.ts'
import { type EditVolume, editInode, openEditVolume, sealInode } from './ext4-edit-volume.ts'
import { MAX_NAME_BYTES, nameBytesOf } from './ext4-entries.ts'
import { Ext4Files } from './ext4-files.ts'
import { addEntry, beginFolder, parentOf, putParent, removeEntry } from './ext4-folder-edit.ts'
import { type Inode, ROOT_INODE } from './ext4-inode.ts'
import { putOwnership, putTime, touch, withLinks } from './ext4-inode-edit.ts'
import { Ext4 } from './ext4-read.ts'
import { makeDevice, putAttributes, withName } from './ext4-special.ts'
import { dropName, dropTree } from './ext4-remove.ts'
import { spend } from './ext4-volume.ts'
import type { Demand } from './ext4-write.ts'
import {
  type EditImage,
  type LinuxFileSystem,
  type NewDevice,
  type NewFile,
  type NewFolder,
  type NewLink,
  type Ownership,
  notFound,
  partsOf,
} from './file-system.ts'

/** Metadata that may wait in memory to be written. */
const MOST_UNWRITTEN = 16 * 2 ** 20

/**
 * Opens an ext2, 3 or 4 file system to be changed. `changedAt`: the time of whatever is changed. ARTIFACT_INVALID for one that is
 * damaged, was not closed cleanly, or has a feature that would not be kept in order.
 */
export async function editExt4(image: EditImage, { changedAt }: { changedAt: number }): Promise<LinuxFileSystem> {
  return new EditableExt4(await openEditVolume(image, changedAt))
}

/** A path that is to be changed: the folder that it lies in, and what is there. */
interface Place {
  folder: Inode
  name: string
  child: Inode | null
  demand: Demand
}

class EditableExt4 extends Ext4Files implements LinuxFileSystem {
  readonly #volume: EditVolume
  readonly #image: Ext4
  #last = Promise.resolve()

  constructor(volume: EditVolume) {
    const image = new Ext4(volume)
    super(image)
    this.#volume = volume
    this.#image = image
  }

  writeFile(path: string, file: NewFile): Promise<void> {
    return this.#change(async (volume) => {
      const place = await this.#place(path)
      const { folder, name, child, demand } = place
      if (child && child.kind !== 'file' && child.kind !== 'link') throw isThere(path, child)
      if (child?.kind === 'file') return replaceFile(volume, child, file, demand)
      if (child) await this.#dropChild(place, child)
      const number = await makeInode(
        volume,
        { mode: 0o644, ...ownership(file), modifiedAt: file.modifiedAt, kind: 'file', linkCount: 1 },
        demand,
      )
      await addEntry(volume, folder.number, { name, inode: number, kind: 'file' }, demand)
      await fillFile(volume, number, file, demand)
    })
  }

  makeFolder(path: string, { hasParents = false, ...folder }: NewFolder): Promise<void> {
    return this.#change(async () => {
      const parts = partsOf(path)
      for (let count = hasParents ? 1 : parts.length; count <= parts.length; count++)
        await this.#makeFolder(
          `/${parts.slice(0, count).join('/')}`,
          count < parts.length ? { ...folder, mode: undefined } : folder,
          hasParents,
        )
    })
  }

  makeLink(path: string, link: NewLink): Promise<void> {
    return this.#change(async (volume) => {
      const { folder, name, child, demand } = await this.#place(path)
      if (child) throw isThere(path, child)
      const number = await makeInode(
        volume,
        { ...ownership(link), modifiedAt: link.modifiedAt, mode: 0o777, kind: 'link', linkCount: 1 },
        demand,
      )
      await fillLink(volume, number, link, demand)
      await addEntry(volume, folder.number, { name, inode: number, kind: 'link' }, demand)
    })
  }

  makeDevice(path: string, device: NewDevice): Promise<void> {
    return this.#change(async (volume) => {
      const { folder, name, child, demand } = await this.#place(path)
      if (child) throw isThere(path, child)
      const inode = await makeDevice(volume, { ...device, ...ownership(device) }, demand)
      await addEntry(volume, folder.number, { name, inode, kind: device.kind }, demand)
    })
  }

  makeHardLink(path: string, target: string): Promise<void> {
    return this.#change(async (volume) => {
      const { folder, name, child, demand } = await this.#place(path)
      if (child) throw isThere(path, child)
      const file = await this.#find(target)
      await putLinkCount(volume, file.number, (inode) => withName(volume, inode, path))
      await addEntry(volume, folder.number, { name, inode: file.number, kind: file.kind }, demand)
    })
  }

  remove(path: string, { isRecursive = false }: { isRecursive?: boolean | undefined } = {}): Promise<void> {
    return this.#change(async (volume) => {
      const place = await this.#place(path)
      const { folder, child, name, demand } = place
      if (!child) throw notFound(path)
      if (child.kind !== 'folder') return this.#dropChild(place, child)
      if (folder.number === ROOT_INODE && name === 'lost+found') throw notChangeable(path)
      if (!isRecursive && (await this.#image.list(child)).length > 0)
        throw new AppError('BAD_INPUT', `${path} is not empty`, 'Remove it recursively.')
      await removeEntry(volume, folder.number, name, demand)
      await putLinkCount(volume, folder.number, (inode) => withLinks(volume, inode, -1) ?? 0)
      await dropTree(volume, child)
    })
  }

  setFacts(path: string, { modifiedAt, attributes = [], ...facts }: Parameters<LinuxFileSystem['setFacts']>[1]): Promise<void> {
    return this.#change(async (volume) => {
      const { number } = await this.#find(path)
      const view = await editInode(volume, number)
      putOwnership(view, facts)
      touch(volume, view, 'facts')
      if (modifiedAt !== undefined) putTime(view, 'modified', modifiedAt)
      sealInode(volume, view, number)
      await putAttributes(volume, number, attributes, { path, goalGroup: Math.floor((number - 1) / volume.inodesPerGroup) })
    })
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(async (volume) => {
      const source = await this.#place(from)
      const target = await this.#place(to)
      const { child } = source
      if (!child) throw notFound(from)
      if (child.number === target.child?.number) return
      if (target.child && (target.child.kind === 'folder' || child.kind === 'folder')) throw isThere(to, target.child)
      if (child.kind === 'folder' && (await this.#isBelow(target.folder, child)))
        throw new AppError('BAD_INPUT', `${to} lies in ${from}`, 'Choose a place outside of it.')
      if (target.child) await this.#dropChild(target, target.child)
      await addEntry(volume, target.folder.number, { name: target.name, inode: child.number, kind: child.kind }, target.demand)
      await removeEntry(volume, source.folder.number, source.name, source.demand)
      await putLinkCount(volume, child.number, ({ linkCount }) => linkCount)
      if (child.kind !== 'folder' || source.folder.number === target.folder.number) return
      await putParent(volume, child.number, target.folder.number)
      await putLinkCount(volume, source.folder.number, (inode) => withLinks(volume, inode, -1) ?? 0)
      await this.#countFolder(target)
    })
  }

  async freeBytes(): Promise<number> {
    return (await this.#volume.groups.freeBlockCount()) * this.#volume.blockSize
  }

  finish(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#volume.groups.seal()
      await putBackups(this.#volume)
      await this.#flush()
    })
  }

  /** Does all of it or nothing. */
  #change(work: (volume: EditVolume) => Promise<void>): Promise<void> {
    const { cache, groups } = this.#volume
    return this.#inTurn(async () => {
      try {
        await work(this.#volume)
        await groups.settle()
      } catch (thrown) {
        groups.drop()
        cache.drop()
        throw thrown
      }
      cache.keep()
      if (cache.unwrittenBytes < MOST_UNWRITTEN) return
      await groups.seal()
      await this.#flush()
    })
  }

  async #flush(): Promise<void> {
    this.#volume.cache.keep()
    await this.#volume.cache.flush()
  }

  /** One change after the other, also for a caller who does not wait. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }

  async #makeFolder(path: string, { modifiedAt, ...facts }: NewFolder, mayBeThere: boolean): Promise<void> {
    const volume = this.#volume
    if (mayBeThere && (await this.#image.find(path))?.kind === 'folder') return
    const place = await this.#place(path)
    const { folder, name, child, demand } = place
    if (child) throw isThere(path, child)
    const number = await makeInode(volume, { mode: 0o755, ...ownership(facts), modifiedAt, kind: 'folder', linkCount: 2 }, demand)
    await beginFolder(volume, number, folder.number, demand)
    await addEntry(volume, folder.number, { name, inode: number, kind: 'folder' }, demand)
    await this.#countFolder(place)
    const view = await editInode(volume, number)
    putTime(view, 'modified', modifiedAt)
    sealInode(volume, view, number)
  }

  /** The name itself: a link is not followed. */
  async #find(path: string): Promise<Inode> {
    const inode = await this.#image.find(path, { isFollowed: false })
    if (!inode) throw notFound(path)
    return inode
  }

  /** The folder of a place has one folder more. */
  async #countFolder({ folder, demand }: Place): Promise<void> {
    await putLinkCount(this.#volume, folder.number, (inode) => {
      const count = withLinks(this.#volume, inode, 1)
      if (count === null) throw new AppError('BAD_INPUT', `${demand.path}: the folder above it can have no more folders`, 'Divide it.')
      return count
    })
  }

  async #dropChild({ folder, name, demand }: Place, child: Inode): Promise<void> {
    await removeEntry(this.#volume, folder.number, name, demand)
    await dropName(this.#volume, child.number)
  }

  /** Whether a folder lies in another one, or is that one. */
  async #isBelow(folder: Inode, top: Inode): Promise<boolean> {
    for (let here = folder; ;) {
      if (here.number === top.number) return true
      if (here.number === ROOT_INODE) return false
      spend(this.#volume, 1)
      here = await this.#image.inode(await parentOf(this.#volume, here))
    }
  }

  async #place(path: string): Promise<Place> {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined || name === '..') throw notChangeable(path)
    const bytes = nameBytesOf(name)
    if (bytes.length > MAX_NAME_BYTES || bytes.includes(0))
      throw new AppError('BAD_INPUT', `${path}: no file can have such a name`, `Choose one of at most ${MAX_NAME_BYTES} bytes.`)
    const above = `/${parts.join('/')}`
    const folder = await this.#image.find(above)
    if (!folder) throw notFound(above)
    if (folder.kind !== 'folder') throw new AppError('BAD_INPUT', `${above} is a ${folder.kind}`, 'Name a folder.')
    const demand = { path, goalGroup: Math.floor((folder.number - 1) / this.#volume.inodesPerGroup) }
    return { folder, name, child: await this.#image.child(folder, name), demand }
  }
}

function ownership({ mode, uid, gid }: Ownership): Ownership {
  return { ...(mode === undefined ? {} : { mode }), ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) }
}

function isThere(path: string, { kind }: Inode): AppError {
  return new AppError('CONFLICT', `There is a ${kind} at ${path} already`, 'Remove it, or choose another path.')
}

function notChangeable(path: string): AppError {
  return new AppError('BAD_INPUT', `${path} cannot be changed`, 'Name a file or folder in the image.')
}
