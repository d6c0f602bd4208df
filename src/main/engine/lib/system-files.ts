import type { Files } from '../host.ts'

/** Reads the files in which Linux describes a machine. null: there is no such file, or it does not want to be read. */
export interface SystemReader {
  text(path: string): Promise<string | null>
  names(folder: string): Promise<string[] | null>
  /** What a symbolic link says; empty for what is there and is none. */
  target(path: string): Promise<string | null>
}

/** The small texts below /sys, /proc and /run. What is not there is empty: devices go away while they are read. */
export class SystemFiles {
  readonly #reader: SystemReader

  constructor(reader: SystemReader) {
    this.#reader = reader
  }

  /** Without the white space around. */
  async text(path: string): Promise<string> {
    return (await this.#reader.text(path))?.trim() ?? ''
  }

  /** Several of a folder, read at once. */
  async texts<Name extends string>(folder: string, names: readonly Name[]): Promise<(name: Name) => string> {
    const texts = new Map(await Promise.all(names.map(async (name) => [name, await this.text(`${folder}/${name}`)] as const)))
    return (name) => texts.get(name) ?? ''
  }

  async names(folder: string): Promise<string[]> {
    return (await this.#reader.names(folder)) ?? []
  }

  async isThere(path: string): Promise<boolean> {
    return (await this.#reader.target(path)) !== null
  }

  async targetOf(path: string): Promise<string> {
    return (await this.#reader.target(path)) ?? ''
  }

  /** Where a symbolic link of a folder leads, as an absolute path without links of its own. */
  async linkOf(folder: string, name: string): Promise<string> {
    const target = await this.targetOf(`${folder}/${name}`)
    return target === '' ? '' : joined(folder, target)
  }
}

/** Most are shorter. */
const PIECE_BYTES = 4 * 1024
const MAX_BYTES = 4 << 20

/** The files of this machine or, below the folder `root`, those of another one. */
export function systemFiles(files: Files, root = ''): SystemFiles {
  return new SystemFiles({
    text: (path) => answered(() => readText(files, root + path)),
    names: (folder) => answered(() => files.list(root + folder)),
    target: async (path) => (await answered(() => files.statName(root + path)))?.target ?? null,
  })
}

/** Their size is not known beforehand. */
async function readText(files: Files, path: string): Promise<string> {
  await using file = await files.open(path, 'read')
  const pieces: Uint8Array[] = []
  for (let position = 0; position < MAX_BYTES;) {
    const piece = new Uint8Array(PIECE_BYTES)
    const filled = await file.read(piece, position)
    pieces.push(piece.subarray(0, filled))
    position += filled
    if (filled < piece.length) break
  }
  return Buffer.concat(pieces).toString()
}

/** Drivers answer with all kinds of errno for what a device does not have. */
async function answered<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return null
    throw thrown
  }
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
