import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'
import type { FileKind, FileSystem } from '../image/file-system.ts'
import { badImage } from '../image/image-bytes.ts'
import { type WalkedFile, walk } from '../image/walk.ts'
import { writeSparse } from '../lib/image-file.ts'

export interface ExtractOptions {
  files: Files
  /** Absolute, and not there: nothing is ever replaced. */
  to: string
  signal: AbortSignal
  onProgress: (doneBytes: number, totalBytes: number) => void
}

/** What was made. */
export interface Extracted {
  fileCount: number
  folderCount: number
  linkCount: number
  /** Devices, pipes and sockets, which are not made: their paths, no more than a hundred. */
  leftOut: string[]
  leftOutCount: number
}

const NAMED = 100

/**
 * Copies a file of a file system, or a folder with everything in it, out to `to`, without the rights of owner and group, and without
 * set-id bits. CONFLICT when `to` is there. One that fails or is cancelled leaves nothing behind.
 */
export async function extract(fileSystem: FileSystem, from: string, options: ExtractOptions): Promise<Extracted> {
  const { files, to } = options
  const facts = await fileSystem.stat(from)
  if (!facts) throw new AppError('NOT_FOUND', `There is no ${from} in the image`, 'List the folder above it to see what is there.')
  if (await files.statName(to)) throw new AppError('CONFLICT', `${to} is there already`, 'Name a place that is not, or remove it.')
  const target = facts.kind === 'link' ? await kindBehind(fileSystem, from) : facts.kind
  if (target !== 'file' && target !== 'folder')
    throw new AppError('BAD_INPUT', `${from} is a ${target}, and neither file nor folder`, 'Only files, folders and links are copied.')
  try {
    return target === 'folder'
      ? await new Copying(fileSystem, options).folder(from)
      : await new Copying(fileSystem, options).one({ path: from, sizeBytes: facts.sizeBytes, mode: facts.mode })
  } catch (thrown) {
    await files.remove(to)
    throw thrown
  }
}

/** What a link comes to: listing follows it to a folder, everything else is read as a file. */
async function kindBehind(fileSystem: FileSystem, path: string): Promise<FileKind> {
  return fileSystem.list(path).then(
    () => 'folder',
    () => 'file',
  )
}

class Copying {
  readonly #fileSystem: FileSystem
  readonly #options: ExtractOptions
  #done = 0
  #total = 0

  constructor(fileSystem: FileSystem, options: ExtractOptions) {
    this.#fileSystem = fileSystem
    this.#options = options
  }

  async one(file: Pick<WalkedFile, 'path' | 'sizeBytes' | 'mode'>): Promise<Extracted> {
    this.#total = file.sizeBytes
    await this.#copy(file, this.#options.to)
    return { fileCount: 1, folderCount: 0, linkCount: 0, leftOut: [], leftOutCount: 0 }
  }

  async folder(from: string): Promise<Extracted> {
    const { files, to, signal } = this.#options
    const all = () => walk(this.#fileSystem, from, true)
    for await (const { kind, sizeBytes } of all()) {
      signal.throwIfAborted()
      if (kind === 'file') this.#total += sizeBytes
    }
    const done: Extracted = { fileCount: 0, folderCount: 1, linkCount: 0, leftOut: [], leftOutCount: 0 }
    const links: { place: string; target: string }[] = []
    await files.makeFolder(to)
    for await (const file of all()) {
      signal.throwIfAborted()
      const place = `${to}${checkedBelow(file, from)}`
      if (file.kind === 'folder') {
        await files.makeFolder(place)
        done.folderCount++
      } else if (file.kind === 'file') {
        await this.#copy(file, place)
        done.fileCount++
      } else if (file.linkTarget !== null) links.push({ place, target: file.linkTarget })
      else {
        done.leftOutCount++
        if (done.leftOut.length < NAMED) done.leftOut.push(file.path)
      }
    }
    // At the end: nothing is ever written through a link, wherever the image makes it point.
    for (const { place, target } of links) await files.makeLink(place, target)
    return { ...done, linkCount: links.length }
  }

  async #copy({ path, mode }: Pick<WalkedFile, 'path' | 'mode'>, place: string): Promise<void> {
    const { files } = this.#options
    await using file = await files.open(place, 'create')
    await writeSparse(file, this.#counted(path))
    await files.setMode(place, mode & 0o777)
  }

  async *#counted(path: string): AsyncGenerator<Uint8Array, void, void> {
    const { signal, onProgress } = this.#options
    for await (const piece of this.#fileSystem.content(path)) {
      signal.throwIfAborted()
      yield piece
      this.#done += piece.length
      onProgress(this.#done, this.#total)
    }
  }
}

/** The path below the folder that is copied, with `/` in front. ARTIFACT_INVALID for a name that would lead elsewhere. */
function checkedBelow({ path, name }: WalkedFile, from: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\\\0]/.test(name))
    throw badImage(`The image has a file named ${JSON.stringify(name)}, which no system can have`)
  return from === '/' ? path : path.slice(from.replace(/\/+$/, '').length)
}
