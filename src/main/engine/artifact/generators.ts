import { AppError } from '../../contract/errors.ts'
import { SINGLE_FILE_NAMES } from '../../contract/new-artifact.ts'
import type { BuildStamp, PayloadSource } from './write.ts'

interface Generating {
  /** For single-file: the folder on the device. */
  destination: string
  /** Owner and time of the files that are made. */
  stamp: BuildStamp
}

/**
 * The payload files that the stock update module of this name wants for the files that are given; for any other kind these themselves.
 * BAD_INPUT where the module could not install them.
 */
export function payloadForKind(kind: string, sources: readonly PayloadSource[], { destination, stamp }: Generating): PayloadSource[] {
  const [file] = sources
  if (kind === 'script' && !file) throw new AppError('BAD_INPUT', 'There is no script to run', 'Give at least one with -f FILE.')
  if (kind !== 'single-file') return [...sources]
  if (!file || sources.length > 1)
    throw new AppError('BAD_INPUT', `A single-file has one file, not ${sources.length}`, 'Give it with -f FILE.')
  return singleFile(file, destination, stamp)
}

/** Where the file goes, what it is called and its mode, each as a line of text in a file of its own, and the file itself. */
function singleFile(file: PayloadSource, destination: string, stamp: BuildStamp): PayloadSource[] {
  if (!/^\/[^\0\n]*$/.test(destination)) {
    const hint = 'Name a folder of the device, from /: --dest-dir FOLDER.'
    throw new AppError('BAD_INPUT', `The destination "${destination}" is not an absolute path`, hint)
  }
  if (SINGLE_FILE_NAMES.includes(file.name)) {
    throw new AppError('BAD_INPUT', `The update module single-file uses the name "${file.name}" itself`, 'Rename the file.')
  }
  return [
    textFile('dest_dir', destination, stamp),
    textFile('filename', file.name, stamp),
    textFile('permissions', (file.mode & 0o777).toString(8), stamp),
    file,
  ]
}

function textFile(name: string, text: string, stamp: BuildStamp): PayloadSource {
  const bytes = new TextEncoder().encode(`${text}\n`)
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    yield await Promise.resolve(bytes)
  }
  return { ...stamp, name, sizeBytes: bytes.length, mode: 0o644, chunks }
}
