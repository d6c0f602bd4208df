import { createHash, randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { Files, HostFile } from '../host.ts'

const CHUNK_BYTES = 256 * 1024

/** The bytes [start, end) of an open file, in fresh chunks of 256 KiB; ends early where the file does. */
export async function* readChunks(
  file: HostFile,
  start = 0,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  let position = start
  while (position < end) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, end - position))
    const filled = await file.read(chunk, position)
    if (filled === 0) return
    position += filled
    yield filled === chunk.length ? chunk : chunk.subarray(0, filled)
  }
}

/** The bytes [start, end) of a file through one buffer: each piece is good until the next is asked for. */
export async function* readThrough(
  file: Pick<HostFile, 'read'>,
  buffer: Uint8Array,
  [start, end]: readonly [start: number, end: number],
): AsyncGenerator<Uint8Array, void, void> {
  let position = start
  while (position < end) {
    const filled = await file.read(buffer.subarray(0, end - position), position)
    if (filled === 0) return
    position += filled
    yield buffer.subarray(0, filled)
  }
}

const READ_BYTES = 512 * 1024

/** The bytes [start, end) of a file through two buffers in turn: one is read while the other is worked on, and memory stays flat. */
export async function* readAhead(
  file: Pick<HostFile, 'read'>,
  start = 0,
  end = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array, void, void> {
  // No larger than it takes: a map may have thousands of short ranges.
  const size = Math.min(READ_BYTES, Math.max(0, end - start))
  let [current, other] = [new Uint8Array(size), new Uint8Array(size)]
  let position = start
  const readInto = (buffer: Uint8Array): Promise<number> =>
    position < end ? file.read(buffer.subarray(0, end - position), position) : Promise.resolve(0)
  let reading = readInto(current)
  for (let filled = await reading; filled > 0; filled = await reading) {
    position += filled
    const piece = current.subarray(0, filled)
    ;[current, other] = [other, current]
    reading = readInto(current)
    try {
      yield piece
    } finally {
      // Whoever stops early must not close the file under a read.
      await reading.catch(() => 0)
    }
  }
}

/** A whole small file. */
export async function readWhole(files: Files, path: string): Promise<Uint8Array> {
  await using file = await files.open(path, 'read')
  const bytes = new Uint8Array(await file.sizeBytes())
  const filled = await file.read(bytes, 0)
  return bytes.subarray(0, filled)
}

/**
 * Replaces a file in one step through `work`: written beside under a name of its own, synced, renamed. A failure leaves the old one
 * untouched, and nothing else that lies beside it ever is. BAD_INPUT for a folder or a device, NOT_FOUND without a folder to lie in.
 */
export async function replaceFile<T>(files: Files, path: string, work: (file: HostFile) => Promise<T>, permissions?: number): Promise<T> {
  await checkTarget(files, path)
  return throughBeside(files, { path, permissions }, work, (beside) => files.rename(beside, path))
}

/** Makes a file in the same way, in the place of no other: CONFLICT where there is one, also one that has come meanwhile. */
export function createFile<T>(files: Files, path: string, work: (file: HostFile) => Promise<T>): Promise<T> {
  return throughBeside(files, { path, permissions: undefined }, work, async (beside) => {
    // The name is taken first: to rename replaces whatever is there.
    await (await files.open(path, 'create'))[Symbol.asyncDispose]()
    await files.rename(beside, path)
  })
}

/** The names of files that are being written, or were when their engine was killed. */
export const BESIDE = /\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.new$/

async function throughBeside<T>(
  files: Files,
  { path, permissions }: NewFile,
  work: (file: HostFile) => Promise<T>,
  put: (beside: string) => Promise<void>,
): Promise<T> {
  const beside = `${path}.${randomUUID()}.new`
  try {
    const result = await writeNew(files, { path: beside, permissions }, work)
    await put(beside)
    return result
  } catch (thrown) {
    await files.remove(beside)
    throw thrown
  }
}

/** Said before the work, and of a device at all: whoever may rename over /dev/null would leave a file in its place. */
async function checkTarget(files: Files, path: string): Promise<void> {
  const there = await files.stat(path)
  if (there && there.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${there.kind}`, 'Name a file that can be replaced.')
  const folder = dirname(path)
  if (!there && !(await files.stat(folder)))
    throw new AppError('NOT_FOUND', `There is no folder ${folder}`, 'Make it first, or check the path.')
}

interface NewFile {
  path: string
  permissions: number | undefined
}

async function writeNew<T>(files: Files, { path, permissions }: NewFile, work: (file: HostFile) => Promise<T>): Promise<T> {
  await using file = await files.open(path, 'create', permissions)
  const result = await work(file)
  await file.sync()
  return result
}

/** BAD_INPUT where an output would take the place of a file that it is made of, under whatever name. */
export async function refuseOwnInput(files: Files, target: string, inputs: readonly string[]): Promise<void> {
  const there = await files.stat(target)
  if (!there) return
  for (const input of inputs) {
    if ((await files.stat(input))?.fileId !== there.fileId) continue
    throw new AppError('BAD_INPUT', `The output would take the place of ${input}, which it is made of`, 'Give the output another name.')
  }
}

/** Replaces a small file by `bytes`, as replaceFile does. It never has another mode, not even before there is anything in it. */
export function writeAtomic(files: Files, path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const work = async (file: HostFile): Promise<void> => {
    await files.setMode(file.path, mode)
    await file.write(bytes, 0)
  }
  return replaceFile(files, path, work, mode)
}

/** Copies a file, as replaceFile does: the target appears whole or not at all. */
export async function copyFile(files: Files, from: string, to: string, signal?: AbortSignal): Promise<void> {
  await using source = await files.open(from, 'read')
  await replaceFile(files, to, async (file) => {
    let position = 0
    for await (const chunk of readChunks(source)) {
      signal?.throwIfAborted()
      await file.write(chunk, position)
      position += chunk.length
    }
  })
}

/** Of a whole file, in lower hexadecimal digits. */
export async function sha256Of(files: Files, path: string, signal: AbortSignal): Promise<string> {
  await using file = await files.open(path, 'read')
  const hash = createHash('sha256')
  for await (const piece of readAhead(file)) {
    signal.throwIfAborted()
    hash.update(piece)
  }
  return hash.digest('hex')
}
