import { once } from 'node:events'
import { mkdtemp, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { Files, HostFile } from '../../engine/host.ts'
import { readChunks, replaceFile } from '../../engine/lib/file-streams.ts'

/** Replaces a file through `work` (see replaceFile); of a symbolic link, what it points to. */
export async function writeBeside<T>(files: Files, path: string, work: (file: HostFile) => Promise<T>): Promise<T> {
  return replaceFile(files, (await files.stat(path)) ? await realpath(path) : path, work)
}

/** Writes to standard output what `work` writes into a file: the front of an artifact is known last, and a pipe cannot go back. */
export async function writeToStdout<T>(files: Files, work: (file: HostFile) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-'))
  try {
    await using file = await files.open(join(folder, 'artifact'), 'create')
    const result = await work(file)
    for await (const chunk of readChunks(file)) await writeStdout(chunk)
    return result
  } finally {
    await files.remove(folder)
  }
}

export async function writeStdout(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain')
}

const UNITS: Record<string, number> = {
  ...{ '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9, tb: 1e12 },
  ...{ kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30, tib: 2 ** 40 },
}

/** A size such as `10MB` or `10MiB` of the command line, in bytes. BAD_INPUT for anything else. */
export function parseSize(text: string): number {
  const [, digits, unit] = /^([0-9]+\.?[0-9]*)([a-zA-Z]*)$/.exec(text) ?? []
  const factor = UNITS[unit?.toLowerCase() ?? 'none']
  if (digits === undefined || factor === undefined) {
    throw new AppError(
      'BAD_INPUT',
      `"${text}" is not a size`,
      'Write a number and B, KB, MB, GB or TB, for example 256MB, or KiB, MiB, GiB or TiB.',
    )
  }
  return Math.floor(Number(digits) * factor)
}
