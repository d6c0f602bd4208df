import { Readable } from 'node:stream'
import { createInflateRaw, crc32, inflateRawSync } from 'node:zlib'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import type { FlashSource } from '../../contract/flash.ts'
import { blocksOf } from '../artifact/blocks.ts'
import { decompress } from '../artifact/compression.ts'
import { release } from '../artifact/release.ts'
import type { HostFile, Programs, RunningProgram } from '../host.ts'
import { MAX_BMAP_BYTES } from '../image/bmap-read.ts'
import { readChunks } from '../lib/file-streams.ts'
import type { ZipEntry } from './zip.ts'

export interface Packed {
  path: string
  file: HostFile
  programs: Programs
  signal: AbortSignal
  /** Sees the stored bytes on their way, where they pass here at all: programs read the file themselves. */
  stored: AsyncIterable<Uint8Array>
}

const FETCH_AGAIN = 'Fetch it again.'
/** What the writers are told of at once. */
const BLOCK_BYTES = 1 << 20

/** Programs that unpack, the best first: with all cores where the format has it. */
const PROGRAMS = {
  xz: [['xz', '-dc', '-T0', '--']],
  bzip2: [
    ['lbzip2', '-dc', '--'],
    ['pbzip2', '-dc', '--'],
    ['bzip2', '-dc', '--'],
  ],
} as const

/** Programs that unpack one file into another, and leave its zeros out. */
const INTO_FILE: Readonly<Partial<Record<FlashSource['format'], readonly string[]>>> = {
  xz: ['xz', '-dc', '-T0'],
  zstd: ['zstd', '-qdc', '--sparse'],
}

/** Lets a program unpack into a file, whose pieces then need not pass here; null where there is none for the format. */
export async function unpackerInto(format: FlashSource['format'], programs: Programs): Promise<readonly string[] | null> {
  const command = INTO_FILE[format] ?? null
  return command && (await programs.find(command[0] ?? '')) !== null ? command : null
}

/** An image as it is unpacked. ARTIFACT_INVALID when it is damaged, TOOL_MISSING when nothing here can unpack it. */
export async function* unpacked(format: FlashSource['format'], packed: Packed): AsyncGenerator<Uint8Array, void, void> {
  const { path, stored } = packed
  if (format === 'gzip' || format === 'zstd') return yield* decodedHere(stored, format, path)
  if (format !== 'xz' && format !== 'bzip2') throw new AppError('INTERNAL', `Nothing unpacks ${format}`)
  const command = await programFor(format, packed.programs)
  if (command) yield* blocksOf(throughProgram(command, packed), { blockBytes: BLOCK_BYTES, inFlight: 0 })
  else if (format === 'xz') yield* decodedHere(stored, 'lzma', path)
  else throw new AppError('TOOL_MISSING', `${path} is packed with bzip2, which is not installed`, 'Install bzip2, or unpack it elsewhere.')
}

/** With a hint for images: the decoders are those of artifacts. */
async function* decodedHere(
  stored: AsyncIterable<Uint8Array>,
  compression: Parameters<typeof decompress>[1],
  path: string,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* decompress(stored, compression, path)
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'ARTIFACT_INVALID') throw thrown
    throw new AppError(thrown.code, thrown.message, FETCH_AGAIN, thrown)
  }
}

/** Whether the stored bytes do not pass here. */
export async function isReadByProgram(format: FlashSource['format'], programs: Programs): Promise<boolean> {
  return (format === 'xz' || format === 'bzip2') && (await programFor(format, programs)) !== null
}

async function programFor(format: keyof typeof PROGRAMS, programs: Programs): Promise<readonly string[] | null> {
  for (const [name, ...args] of PROGRAMS[format]) if ((await programs.find(name)) !== null) return [name, ...args]
  return null
}

/** A chunk is gone when the next one is asked for. */
async function* throughProgram(
  [name = '', ...args]: readonly string[],
  { path, programs, signal }: Packed,
): AsyncGenerator<Uint8Array, void, void> {
  const program = programs.start(name, [...args, path], { signal })
  program.endInput()
  for await (const chunk of program.output) {
    yield chunk
    release(chunk)
  }
  const end = await program.ended
  if (end.exitCode !== 0) throw cannotUnpack(path, end)
}

const FULL = 'Free some space on the disk of the data folder, or unpack it elsewhere and flash it raw.'
const TOO_LARGE = 'Unpack it elsewhere and flash it raw, or pack it anew without a long window.'

/** What programs say of faults that are not the image's. */
const FAULTS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/No space left on device|Disk quota exceeded/i, 'DISK_FULL', FULL],
  [/too much memory|not enough memory|Cannot allocate memory|Memory usage limit/i, 'MEMORY_FULL', TOO_LARGE],
]

/** Of what a program has said before it gave up, or of the signal that ended it. */
export function cannotUnpack(path: string, { exitCode, stderr }: Awaited<RunningProgram['ended']>): AppError {
  const said = stderr.trim()
  if (exitCode > 128) {
    const message = `The program that unpacks ${path} was ended by signal ${exitCode - 128}${said === '' ? '' : `: ${said}`}`
    return new AppError('INTERRUPTED', message, 'See whether the memory was enough, and retry.')
  }
  const [, code, hint] = FAULTS.find(([pattern]) => pattern.test(said)) ?? [null, 'ARTIFACT_INVALID' as const, FETCH_AGAIN]
  // bzip2 goes on with advice.
  const [first = ''] = said.split('\n')
  return new AppError(code, `${path} cannot be unpacked: ${first.replace(/;$/, '')}`, hint)
}

const STORED = 0
const DEFLATED = 8
/** One chunk is worked on while the next is made. */
const INFLATE = { chunkSize: 512 * 1024, readableObjectMode: true, readableHighWaterMark: 2 } as const

/** A file of a zip. ARTIFACT_INVALID when it is not what the zip says. */
export async function* unzipped(
  entry: ZipEntry,
  { path, file, signal }: Omit<Packed, 'programs' | 'stored'>,
): AsyncGenerator<Uint8Array, void, void> {
  const stored = readChunks(file, entry.startsAt, entry.startsAt + entry.storedBytes)
  let crc = 0
  let sizeBytes = 0
  try {
    for await (const piece of contentOf(entry, stored)) {
      signal.throwIfAborted()
      crc = crc32(piece, crc)
      sizeBytes += piece.length
      yield piece
    }
  } catch (thrown) {
    if (!(thrown instanceof Error) || !('code' in thrown) || !String(thrown.code).startsWith('Z_')) throw thrown
    throw new AppError('ARTIFACT_INVALID', `${path}: ${entry.name} is damaged: ${thrown.message}`, FETCH_AGAIN, thrown)
  }
  if (crc !== entry.crc || sizeBytes !== entry.sizeBytes)
    throw new AppError('ARTIFACT_INVALID', `${path}: ${entry.name} is damaged: its checksum is wrong`, FETCH_AGAIN)
}

async function* contentOf({ method, name }: ZipEntry, stored: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  if (method === STORED) return yield* stored
  if (method !== DEFLATED) throw new AppError('BAD_INPUT', `${name} is packed in an unusual way (${method})`, 'Pack it with deflate.')
  const feeding = Readable.from(stored, { objectMode: false })
  try {
    for await (const chunk of feeding.pipe(createInflateRaw(INFLATE))) if (chunk instanceof Uint8Array) yield chunk
  } finally {
    feeding.destroy()
  }
}

/** How a file of a zip begins: `length` bytes of it at most. ARTIFACT_INVALID when it is damaged. */
export async function frontOf(
  entry: ZipEntry,
  { path, file, length }: Pick<Packed, 'path' | 'file'> & { length: number },
): Promise<Uint8Array> {
  const front = new Uint8Array(Math.min(length, entry.sizeBytes))
  let filled = 0
  for await (const piece of unzipped(entry, { path, file, signal: new AbortController().signal })) {
    const taken = piece.subarray(0, front.length - filled)
    front.set(taken, filled)
    filled += taken.length
    if (filled === front.length) break
  }
  return front.subarray(0, filled)
}

/** A small file of a zip: its block map. */
export async function smallFile({ method, storedBytes, sizeBytes, startsAt }: ZipEntry, file: HostFile): Promise<Uint8Array> {
  if (storedBytes > MAX_BMAP_BYTES || sizeBytes > MAX_BMAP_BYTES)
    throw new AppError('ARTIFACT_INVALID', 'The block map is too large', 'Pack it anew.')
  const bytes = new Uint8Array(storedBytes)
  const stored = bytes.subarray(0, await file.read(bytes, startsAt))
  return method === STORED ? stored : inflateRawSync(stored, { maxOutputLength: MAX_BMAP_BYTES })
}
