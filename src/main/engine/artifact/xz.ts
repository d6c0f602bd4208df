import { crc32 } from 'node:zlib'
import { invalid } from './invalid.ts'
import { release } from './release.ts'
import { joinBytes } from './tar-write.ts'
import { XzCoder } from './xz-coder.ts'
import { xzPieces } from './xz-pieces.ts'

/**
 * Blocks are compressed side by side, each on its own, so the bytes depend neither on the number of threads nor on their pace. Preset and
 * block size keep the whole program, with two encoders in it, below 200 MB: an encoder takes 12 times its block and keeps it before
 * and after.
 */
const ENCODING = { preset: 4, threads: 2, blockSize: 5 << 19 } as const

const INPUT_BYTES = 1 << 20

/** One xz stream of all of `source`, in blocks. A chunk of `source` may be reused after the next is asked for. */
export async function* xz(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const coder = XzCoder.encoder(ENCODING)
  try {
    for await (const chunk of source) yield* await coder.code(chunk)
    yield* await coder.code(null)
  } finally {
    coder.free()
  }
}

/** A dictionary of 64 MiB, as mender-artifact writes it, and what a decoder needs besides. */
const DECODER_MEMORY_BYTES = 66 << 20

/**
 * The content of one or several xz streams, with padding between and behind them, in chunks that are gone when the next is asked for.
 * ARTIFACT_INVALID when they are damaged, cut or followed by something else.
 */
export async function* unxz(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array, void, void> {
  const coder = XzCoder.decoder(DECODER_MEMORY_BYTES)
  try {
    for await (const piece of xzPieces(source, where)) yield* released(await decoded(coder, piece, where))
    yield* released(await decoded(coder, null, where))
  } finally {
    coder.free()
  }
}

function* released(chunks: readonly Uint8Array[]): Generator<Uint8Array, void, void> {
  for (const chunk of chunks) {
    yield chunk
    release(chunk)
  }
}

const DAMAGE: Readonly<Record<string, string>> = {
  LZMA_FORMAT_ERROR: 'it is no xz data',
  LZMA_DATA_ERROR: 'damaged xz data, or something follows it',
  LZMA_BUF_ERROR: 'the xz data is cut short',
  LZMA_OPTIONS_ERROR: 'the xz data uses a filter or a check that is not known',
}

/** The error's name tells what is wrong; an error of any other name is not the file's fault. */
async function decoded(coder: XzCoder, stored: Uint8Array | null, where: string): Promise<Uint8Array[]> {
  try {
    return await coder.code(stored)
  } catch (thrown) {
    if (!(thrown instanceof Error)) throw thrown
    if (thrown.name === 'LZMA_MEMLIMIT_ERROR') {
      throw invalid(`${where}: the xz data needs more memory than is accepted`, 'Compress it with a dictionary of at most 64 MiB.', thrown)
    }
    const damage = DAMAGE[thrown.name]
    throw damage === undefined ? thrown : invalid(`${where}: ${damage}`, undefined, thrown)
  }
}

/**
 * A small content as one xz stream of exactly `targetBytes`, or as short as it gets when that is null.
 * null when it cannot be made that long: shorter than the compressed content, longer by over 1000 bytes, or no multiple of 4.
 */
export async function xzSmall(content: Uint8Array, targetBytes: number | null): Promise<Uint8Array | null> {
  const coder = XzCoder.encoder({ preset: 6 })
  try {
    const pieces: Uint8Array[] = []
    for (let at = 0; at < content.length; at += INPUT_BYTES) pieces.push(...(await coder.code(content.subarray(at, at + INPUT_BYTES))))
    const shortest = joinBytes([...pieces, ...(await coder.code(null))])
    return targetBytes === null || targetBytes === shortest.length ? shortest : filled(shortest, content.length, targetBytes)
  } finally {
    coder.free()
  }
}

/** Sizes of the parts of an xz file (xz format 1.2.1): stream header and footer; the largest block header. */
const STREAM_HEADER_BYTES = 12
const STREAM_FOOTER_BYTES = 12
const BLOCK_HEADER_MAX_BYTES = 1024

/** The stream of one block, its block header filled up with zeros, which the format allows for (3.1.6), and its index told so. */
function filled(stream: Uint8Array, contentBytes: number, targetBytes: number): Uint8Array | null {
  const missing = targetBytes - stream.length
  // The index grows, if at all, by four bytes: the block's size in it may need a digit more.
  for (const added of [missing, missing - 4]) {
    const found = added > 0 && added % 4 === 0 ? withBlockHeader(stream, contentBytes, added) : null
    if (found?.length === targetBytes) return found
  }
  return null
}

function withBlockHeader(stream: Uint8Array, contentBytes: number, added: number): Uint8Array | null {
  const headerBytes = ((stream[STREAM_HEADER_BYTES] ?? 0) + 1) * 4
  if (headerBytes + added > BLOCK_HEADER_MAX_BYTES) return null
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const footerAt = stream.length - STREAM_FOOTER_BYTES
  const indexAt = footerAt - (view.getUint32(footerAt + 4, true) + 1) * 4
  const header = new Uint8Array(headerBytes + added - 4)
  header.set(stream.subarray(STREAM_HEADER_BYTES, STREAM_HEADER_BYTES + headerBytes - 4))
  header[0] = (headerBytes + added) / 4 - 1
  // An index of one record: marker, count 1, then the block's size without its padding, and that of its content.
  const blockBytes = readNumber(stream, indexAt + 2)
  const records = [0, 1, ...numberOf(blockBytes + added), ...numberOf(contentBytes)]
  const index = Uint8Array.from([...records, ...Array.from({ length: -records.length & 3 }, () => 0)])
  const sizeAndFlags = joinBytes([uint32(index.length / 4), stream.subarray(footerAt + 8, footerAt + 10)])
  return joinBytes([
    stream.subarray(0, STREAM_HEADER_BYTES),
    ...checked(header),
    stream.subarray(STREAM_HEADER_BYTES + headerBytes, indexAt),
    ...checked(index),
    uint32(crc32(sizeAndFlags)),
    sizeAndFlags,
    stream.subarray(footerAt + 10),
  ])
}

function checked(part: Uint8Array): [Uint8Array, Uint8Array] {
  return [part, uint32(crc32(part))]
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value, true)
  return bytes
}

/** A number in digits of seven bits, the least first (xz format, 1.2). */
function numberOf(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...numberOf(Math.floor(value / 0x80))]
}

function readNumber(bytes: Uint8Array, at: number): number {
  const digit = bytes[at] ?? 0
  return digit < 0x80 ? digit : (digit & 0x7f) + readNumber(bytes, at + 1) * 0x80
}
