import { AppError } from '../../../contract/errors.ts'
import type { Files, HostFile } from '../../host.ts'
import type { FileSystem } from '../../image/file-system.ts'
import { openFileSystem } from '../../image/open-file-system.ts'
import { readChunks, replaceFile } from '../../lib/file-streams.ts'
import { readerOf } from '../../lib/image-file.ts'
import type { Machine } from '../machine.ts'
import { slotPath } from '../slots.ts'
import { systemFiles } from './system-files.ts'

/** What is at a path of a virtual device. */
export interface DiskEntry {
  kind: 'file' | 'folder'
  sizeBytes: number
  /** Permission bits. */
  mode: number
  modifiedAt: number
}

/** Folders that take files; everything else is the root file system, which is mounted read-only. */
const WRITABLE = ['data', 'tmp'] as const
const MAX_FILE_BYTES = 512 * 1024 * 1024
const FOLDER_MODE = 0o755

/**
 * The files of a virtual device: the root file system in the slot that runs, as it lies in the slot's image; what the kernel and the client
 * would write themselves (/proc, /etc/mender); /data, which outlives updates, and /tmp, which does not outlive a boot. Paths are absolute.
 * Failures are in Linux's words: NOT_FOUND, PERMISSION (read-only), BAD_INPUT (of the wrong kind).
 */
export class VirtualDisk {
  readonly #machine: Machine
  readonly #files: Files

  constructor(machine: Machine) {
    this.#machine = machine
    this.#files = machine.host.files
  }

  /** As at each boot: /tmp is empty. */
  async boot(): Promise<void> {
    await this.#files.remove(this.#place('tmp'))
    for (const name of WRITABLE) await this.#files.makeFolder(this.#place(name))
  }

  /** null when there is nothing. */
  async stat(path: string): Promise<DiskEntry | null> {
    const host = this.#hostPath(path)
    if (host !== null) return this.#hostStat(host)
    const text = systemFiles(this.#machine).get(plain(path))
    if (text !== undefined) return { kind: 'file', sizeBytes: Buffer.byteLength(text()), mode: 0o644, modifiedAt: 0 }
    const found = await this.#inSlot((slot) => slot.stat(plain(path)), null)
    if (found)
      return {
        kind: found.kind === 'folder' ? 'folder' : 'file',
        sizeBytes: found.sizeBytes,
        mode: found.mode & 0o777,
        modifiedAt: found.modifiedAt,
      }
    return this.#above(path).size > 0 ? { kind: 'folder', sizeBytes: 0, mode: FOLDER_MODE, modifiedAt: 0 } : null
  }

  /** The names in a folder, sorted. */
  async list(path: string): Promise<string[]> {
    const entry = await this.#entry(path)
    if (entry.kind !== 'folder') throw notA(path, 'a directory')
    const host = this.#hostPath(path)
    if (host !== null) return this.#files.list(host)
    const inSlot = await this.#inSlot(async (slot) => (await slot.list(plain(path))).map(({ name }) => name), [])
    return [...new Set([...inSlot, ...this.#above(path)])].toSorted()
  }

  async *content(path: string): AsyncGenerator<Uint8Array, void, void> {
    const entry = await this.#entry(path)
    if (entry.kind !== 'file') throw new AppError('BAD_INPUT', `${path}: is a directory`, 'Name a file in it.')
    const host = this.#hostPath(path)
    const text = systemFiles(this.#machine).get(plain(path))
    if (host !== null) {
      await using file = await this.#files.open(host, 'read')
      yield* readChunks(file)
    } else if (text !== undefined) yield Buffer.from(text())
    else yield* this.#slotContent(path)
  }

  /** Writes a file, whole or not at all. */
  async write(path: string, content: AsyncIterable<Uint8Array>, mode = 0o644): Promise<void> {
    const host = await this.place(path)
    await replaceFile(this.#files, host, async (file) => {
      await fill(file, content)
      await this.#files.setMode(file.path, mode)
    })
  }

  async makeFolder(path: string): Promise<void> {
    if (await this.stat(path)) throw new AppError('CONFLICT', `${path}: File exists`, 'Choose another name.')
    const host = await this.place(path)
    await this.#files.makeFolder(host)
  }

  async remove(path: string): Promise<void> {
    await this.#entry(path)
    await this.#files.remove(this.#writable(path))
  }

  async #entry(path: string): Promise<DiskEntry> {
    const entry = await this.stat(path)
    if (entry) return entry
    throw new AppError('NOT_FOUND', `${path}: No such file or directory`, 'Look what there is with ls.')
  }

  /** Where a file of this path goes on the host. Throws when none can be written there. */
  async place(path: string): Promise<string> {
    const host = this.#writable(path)
    if ((await this.#hostStat(host))?.kind === 'folder') throw new AppError('BAD_INPUT', `${path}: Is a directory`, 'Name a file in it.')
    const parent = await this.#entry(path.slice(0, path.lastIndexOf('/')) || '/')
    if (parent.kind !== 'folder') throw notA(path, 'a directory')
    return host
  }

  #writable(path: string): string {
    const host = this.#hostPath(path)
    if (host !== null && plain(path).split('/').length > 2) return host
    throw new AppError('PERMISSION', `${path}: Read-only file system`, 'Files can be put in /data and /tmp.')
  }

  async #hostStat(path: string): Promise<DiskEntry | null> {
    const found = await this.#files.stat(path)
    if (!found) return null
    const { sizeBytes, mode, modifiedAt } = found
    return found.kind === 'folder'
      ? { kind: 'folder', sizeBytes: 0, mode: FOLDER_MODE, modifiedAt }
      : { kind: 'file', sizeBytes, mode: mode & 0o777, modifiedAt }
  }

  /** The path on the host of one in a writable folder; null for all others. Nothing there is a link, so no path leaves it. */
  #hostPath(path: string): string | null {
    const [, first, ...rest] = plain(path).split('/')
    const root = WRITABLE.find((name) => name === first)
    return root === undefined ? null : [this.#place(root), ...rest].join('/')
  }

  #place(name: (typeof WRITABLE)[number]): string {
    return `${this.#machine.options.folder}/files-${name}`
  }

  /** What is mounted or written into a folder of the root file system. */
  #above(path: string): Set<string> {
    const folder = plain(path) === '/' ? '/' : `${plain(path)}/`
    const names = [...systemFiles(this.#machine).keys(), ...WRITABLE.map((name) => `/${name}`)]
    return new Set(names.flatMap((name) => (name.startsWith(folder) ? [name.slice(folder.length).split('/')[0] ?? ''] : [])))
  }

  async *#slotContent(path: string): AsyncGenerator<Uint8Array, void, void> {
    await using file = await this.#openSlot()
    const slot = file && (await openFileSystem(readerOf(file)))
    if (slot) yield* slot.content(plain(path))
  }

  /** What `ask` answers of the file system in the running slot; `otherwise` where there is none, as on a board from the factory. */
  async #inSlot<T>(ask: (slot: FileSystem) => Promise<T>, otherwise: T): Promise<T> {
    await using file = await this.#openSlot()
    try {
      const slot = file && (await openFileSystem(readerOf(file)))
      return slot ? await ask(slot) : otherwise
    } catch (thrown) {
      if (thrown instanceof AppError && ['NOT_FOUND', 'BAD_INPUT', 'ARTIFACT_INVALID'].includes(thrown.code)) return otherwise
      throw thrown
    }
  }

  async #openSlot(): Promise<HostFile | null> {
    const { runningSlot, options } = this.#machine
    return runningSlot === null ? null : this.#files.open(slotPath(options.folder, runningSlot), 'read')
  }
}

async function fill(file: HostFile, content: AsyncIterable<Uint8Array>): Promise<void> {
  let position = 0
  for await (const chunk of content) {
    if (position + chunk.length > MAX_FILE_BYTES)
      throw new AppError('DISK_FULL', 'No space left on device', `A file of a virtual device has ${MAX_FILE_BYTES} bytes at most.`)
    await file.write(chunk, position)
    position += chunk.length
  }
}

/** An absolute path without `.`, `..` and empty parts. */
export function plain(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

function notA(path: string, what: string): AppError {
  return new AppError('BAD_INPUT', `${path}: Not ${what}`, 'See what it is with ls -l.')
}
