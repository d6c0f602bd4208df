import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { FlashSource } from '../../contract/flash.ts'
import type { Files, Programs } from '../host.ts'
import { readAhead } from '../lib/file-streams.ts'
import { writeSparse } from '../lib/image-file.ts'
import { FORMAT_BYTES, formatOf } from './formats.ts'
import { type Packed, isReadByProgram, unpacked, unzipped } from './unpack.ts'
import { imageInZip } from './zip-image.ts'

type Format = FlashSource['format']

interface UnpackedParts {
  files: Files
  programs: Programs
  /** For what is unpacked. It is made, and removed in the end. */
  folder: string
}

export interface UnpackOptions {
  signal: AbortSignal
  /** Bytes; the total is null where only unpacking tells it. */
  onProgress: (done: number, total: number | null) => void
}

/** A packed image can be looked into after it was unpacked: one at a time is kept, without its zeros. Dispose of it in the end. */
export class UnpackedImages implements AsyncDisposable {
  readonly #parts: UnpackedParts
  #kept: { path: string; mark: string } | null = null

  constructor(parts: UnpackedParts) {
    this.#parts = parts
  }

  /** Where the image of a file can be read at any place; null when it is packed, and not unpacked. */
  async rawPath(path: string): Promise<{ format: Format; rawPath: string | null }> {
    const format = await this.#formatOf(path)
    if (format === 'raw' || format === 'artifact') return { format, rawPath: path }
    const isKept = this.#kept?.path === path && this.#kept.mark === (await this.#markOf(path))
    return { format, rawPath: isKept ? this.#copy : null }
  }

  /** The same where it has to be there. BAD_INPUT when it is packed, and not unpacked. */
  async readable(path: string): Promise<{ format: Format; rawPath: string }> {
    const { format, rawPath } = await this.rawPath(path)
    if (rawPath === null) throw new AppError('BAD_INPUT', `${path} is packed with ${format}`, 'Unpack it first.')
    return { format, rawPath }
  }

  /** Where the image of a file can be read at any place, unpacked now if need be. */
  async of(path: string, options: UnpackOptions): Promise<string> {
    const found = await this.rawPath(path)
    if (found.rawPath !== null) return found.rawPath
    await this.unpack(path, options)
    return this.#copy
  }

  /** ARTIFACT_INVALID when it is damaged, TOOL_MISSING when nothing here can unpack it, DISK_FULL. */
  async unpack(path: string, options: UnpackOptions): Promise<void> {
    const { files, folder } = this.#parts
    const mark = await this.#markOf(path)
    await this.#clear()
    await files.makeFolder(folder)
    try {
      await using copy = await files.open(this.#copy, 'create')
      await writeSparse(copy, this.#piecesOf(path, options))
    } catch (thrown) {
      await this.#clear()
      throw thrown
    }
    this.#kept = { path, mark }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#clear()
  }

  get #copy(): string {
    return join(this.#parts.folder, 'image')
  }

  async #clear(): Promise<void> {
    this.#kept = null
    await this.#parts.files.remove(this.#parts.folder)
  }

  async #formatOf(path: string): Promise<Format> {
    await using file = await this.#parts.files.open(path, 'read')
    const front = new Uint8Array(FORMAT_BYTES)
    return formatOf(front.subarray(0, await file.read(front, 0)))
  }

  /** A file that was written anew is another one. */
  async #markOf(path: string): Promise<string> {
    const found = await this.#parts.files.stat(path)
    if (!found) throw new AppError('NOT_FOUND', `There is no ${path}`, 'Check the path.')
    return `${found.sizeBytes} ${found.modifiedAt}`
  }

  async *#piecesOf(path: string, { signal, onProgress }: UnpackOptions): AsyncGenerator<Uint8Array, void, void> {
    const { files, programs } = this.#parts
    const format = await this.#formatOf(path)
    await using file = await files.open(path, 'read')
    const storedBytes = await file.sizeBytes()
    const isCounted = format !== 'zip' && !(await isReadByProgram(format, programs))
    async function* stored(): AsyncGenerator<Uint8Array, void, void> {
      let done = 0
      for await (const piece of readAhead(file)) {
        yield piece
        onProgress((done += piece.length), storedBytes)
      }
    }
    const packed: Packed = { path, file, programs, signal, stored: stored() }
    const entry = format === 'zip' ? (await imageInZip(file, path)).image : null
    let done = 0
    for await (const piece of entry ? unzipped(entry, packed) : unpacked(format, packed)) {
      signal.throwIfAborted()
      yield piece
      done += piece.length
      if (!isCounted) onProgress(done, entry?.sizeBytes ?? null)
    }
  }
}
