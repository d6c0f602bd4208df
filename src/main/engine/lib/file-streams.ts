import { randomUUID } from 'node:crypto'
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

const READ_BYTES = 512 * 1024

/** The bytes of a file through two buffers in turn: one is read while the other is worked on, and memory stays flat. */
export async function* readAhead(file: HostFile): AsyncGenerator<Uint8Array, void, void> {
  let [current, other] = [new Uint8Array(READ_BYTES), new Uint8Array(READ_BYTES)]
  let position = 0
  let reading = file.read(current, position)
  for (let filled = await reading; filled > 0; filled = await reading) {
    position += filled
    const piece = current.subarray(0, filled)
    ;[current, other] = [other, current]
    reading = file.read(current, position)
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

/** Replaces a file in one step: written beside, synced, renamed. A failure leaves the old one untouched. */
export async function writeAtomic(files: Files, path: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const beside = `${path}.new`
  await files.remove(beside)
  try {
    await writeNew(files, beside, bytes, mode)
    await files.rename(beside, path)
  } catch (thrown) {
    await files.remove(beside)
    throw thrown
  }
}

async function writeNew(files: Files, path: string, bytes: Uint8Array, mode: number): Promise<void> {
  await using file = await files.open(path, 'create')
  await files.setMode(path, mode)
  await file.write(bytes, 0)
  await file.sync()
}

/** Copies a file, atomically: the target appears whole or not at all, and nothing that lies beside it is touched. */
export async function copyFile(files: Files, from: string, to: string, signal?: AbortSignal): Promise<void> {
  const beside = `${to}.${randomUUID()}.new`
  await using source = await files.open(from, 'read')
  try {
    await writeAll(files, beside, readChunks(source), signal)
    await files.rename(beside, to)
  } catch (thrown) {
    await files.remove(beside)
    throw thrown
  }
}

async function writeAll(files: Files, path: string, chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<void> {
  await using file = await files.open(path, 'create')
  let position = 0
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    await file.write(chunk, position)
    position += chunk.length
  }
  await file.sync()
}
