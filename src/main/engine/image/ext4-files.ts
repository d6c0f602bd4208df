import { AppError } from '../../contract/errors.ts'
import type { Inode } from './ext4-inode.ts'
import type { Ext4 } from './ext4-read.ts'
import { type FileFacts, type FileSystem, type NamedFile, notFound, partsOf } from './file-system.ts'

/** Reads an ext2, 3 or 4 image by paths. */
export class Ext4Files implements FileSystem {
  readonly kind = 'ext'
  readonly #image: Ext4

  constructor(image: Ext4) {
    this.#image = image
  }

  async stat(path: string): Promise<FileFacts | null> {
    const inode = await this.#find(path)
    return inode && factsOf(inode)
  }

  async list(path: string): Promise<NamedFile[]> {
    const folder = await this.#image.find(path)
    if (!folder) throw notFound(path)
    if (folder.kind !== 'folder') throw otherKind(path, folder)
    const found: NamedFile[] = []
    for (const { name, inode } of await this.#image.list(folder)) found.push({ name, ...factsOf(await this.#image.inode(inode)) })
    return found
  }

  async *content(path: string): AsyncGenerator<Uint8Array, void, void> {
    const file = await this.#image.find(path)
    if (!file) throw notFound(path)
    if (file.kind !== 'file') throw otherKind(path, file)
    yield* this.#image.content(file)
  }

  async linkTarget(path: string): Promise<string> {
    const link = await this.#find(path)
    if (!link) throw notFound(path)
    if (link.kind !== 'link') throw otherKind(path, link)
    return this.#image.linkTarget(link)
  }

  /** The file itself, where `Ext4.find` answers what a link leads to. */
  async #find(path: string): Promise<Inode | null> {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined || name === '..') return this.#image.find(path)
    const folder = await this.#image.find(`/${parts.join('/')}`)
    if (folder?.kind !== 'folder') return null
    const entry = (await this.#image.list(folder)).find((each) => each.name === name)
    return entry ? this.#image.inode(entry.inode) : null
  }
}

function factsOf({ kind, sizeBytes, mode, uid, gid, modifiedAt }: Inode): FileFacts {
  return { kind, sizeBytes: kind === 'file' || kind === 'link' ? sizeBytes : 0, mode, uid, gid, modifiedAt }
}

function otherKind(path: string, { kind }: Inode): AppError {
  return new AppError('BAD_INPUT', `${path} is a ${kind}`, 'List the folder above it to see what is there.')
}
