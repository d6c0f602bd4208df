import { AppError } from '../../contract/errors.ts'
import type { Inode } from './ext4-inode.ts'
import type { Ext4 } from './ext4-read.ts'
import { type FileFacts, type FileKind, type FileSystem, type NamedFile, notFound, partsOf } from './file-system.ts'

/** The files of an ext2, 3 or 4 image by their paths. */
export class Ext4Files implements FileSystem {
  readonly kind = 'ext'
  readonly #image: Ext4

  constructor(image: Ext4) {
    this.#image = image
  }

  async stat(path: string): Promise<FileFacts | null> {
    const inode = await this.#image.find(checked(path), { isFollowed: false })
    return inode && factsOf(inode)
  }

  async list(path: string): Promise<NamedFile[]> {
    const files: NamedFile[] = []
    for (const { name, inode } of await this.#image.list(await this.#open(path, 'folder')))
      files.push({ name, ...factsOf(await this.#image.inode(inode)) })
    return files
  }

  async *content(path: string): AsyncGenerator<Uint8Array, void, void> {
    yield* this.#image.content(await this.#open(path, 'file'))
  }

  async linkTarget(path: string): Promise<string> {
    return this.#image.linkTarget(await this.#open(path, 'link'))
  }

  async #open(path: string, kind: FileKind): Promise<Inode> {
    const inode = await this.#image.find(checked(path), { isFollowed: kind !== 'link' })
    if (!inode) throw notFound(path)
    if (inode.kind !== kind) throw new AppError('BAD_INPUT', `${path} is a ${inode.kind}`, `Name a ${kind}.`)
    return inode
  }
}

function checked(path: string): string {
  partsOf(path)
  return path
}

function factsOf({ kind, sizeBytes, mode, uid, gid, modifiedAt }: Inode): FileFacts {
  return { kind, sizeBytes: kind === 'file' || kind === 'link' ? sizeBytes : 0, mode, uid, gid, modifiedAt }
}
