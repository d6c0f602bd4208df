import { AppError } from '../../contract/errors.ts'
import type { Files } from '../host.ts'

/** The files in which Linux describes the machine: small texts below /sys, /proc and /run, whose sizes are not known beforehand. */
export class SystemFiles {
  readonly #files: Files
  readonly #root: string

  /** `root` is a folder with another machine's files in it; empty for this machine. */
  constructor(files: Files, root = '') {
    this.#files = files
    this.#root = root
  }

  /** Its text without the white space around; empty when there is no such file, or it does not want to be read. */
  async text(path: string): Promise<string> {
    try {
      await using file = await this.#files.open(this.#root + path, 'read')
      const pieces: Uint8Array[] = []
      for (let position = 0; position < MAX_BYTES;) {
        const piece = new Uint8Array(PIECE_BYTES)
        const filled = await file.read(piece, position)
        pieces.push(piece.subarray(0, filled))
        position += filled
        if (filled < piece.length) break
      }
      return Buffer.concat(pieces).toString().trim()
    } catch (thrown) {
      if (isNoAnswer(thrown)) return ''
      throw thrown
    }
  }

  /** The names in a folder; none when there is no such folder. */
  async names(path: string): Promise<string[]> {
    try {
      return await this.#files.list(this.#root + path)
    } catch (thrown) {
      if (isNoAnswer(thrown)) return []
      throw thrown
    }
  }

  async isThere(path: string): Promise<boolean> {
    return (await this.#files.statName(this.#root + path)) !== null
  }

  /** Where a symbolic link of the folder `folder` leads, as an absolute path without links of its own; empty when it is none. */
  async linkOf(folder: string, name: string): Promise<string> {
    const target = await this.targetOf(`${folder}/${name}`)
    return target === '' ? '' : joined(folder, target)
  }

  /** What a symbolic link says; empty when it is none, or may not be read. */
  async targetOf(path: string): Promise<string> {
    try {
      return (await this.#files.statName(this.#root + path))?.target ?? ''
    } catch (thrown) {
      if (isNoAnswer(thrown)) return ''
      throw thrown
    }
  }
}

const PIECE_BYTES = 64 * 1024
const MAX_BYTES = 4 << 20

/** Drivers answer with all kinds of errno for what a device does not have, and devices go away while they are read. */
function isNoAnswer(thrown: unknown): boolean {
  return thrown instanceof AppError && ['NOT_FOUND', 'PERMISSION', 'INTERNAL', 'BAD_INPUT'].includes(thrown.code)
}

function joined(folder: string, target: string): string {
  if (target.startsWith('/')) return target
  const parts = folder.split('/')
  for (const part of target.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
