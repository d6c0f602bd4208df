import type { ByteReader } from './byte-reader.ts'
import { invalid } from './invalid.ts'
import { joinBytes } from './tar-write.ts'
import { Trifles } from './trifles.ts'

/** The window that every reader in the field has the memory for: libzstd's own limit. */
const WINDOW_MAX_BYTES = 128 << 20

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const BLOCK_MAX_BYTES = 128 * 1024
const BLOCK_RLE = 1
const BLOCK_COMPRESSED = 2
const BLOCK_RESERVED = 3

/** Pieces of a frame are gathered to about this size. */
const PIECE_BYTES = 64 * 1024

/**
 * Goes on to the next frame that has content (RFC 8878, 3.1): passes over skippable ones, then reads the magic number. False at the end
 * of `bytes`; ARTIFACT_INVALID when something else stands there.
 */
export async function nextFrame(bytes: ByteReader): Promise<boolean> {
  while (!(await bytes.isAtEnd())) {
    const startsAt = bytes.position
    const magic = uint32(await bytes.read(4, 'the magic number of a zstd frame'))
    if (magic === MAGIC) return true
    if ((magic & 0xfffffff0) >>> 0 !== SKIPPABLE_MAGIC) {
      throw invalid(
        startsAt === 0 ? `${bytes.label}: it is no zstd data` : `${bytes.label}: what stands at byte ${startsAt} is no zstd frame`,
      )
    }
    const what = `a skippable frame from byte ${startsAt} on`
    for await (const _ of bytes.take(uint32(await bytes.read(4, what)), what));
  }
  return false
}

/** What the frames of one stream share. */
export interface FrameScratch {
  blocks: Trifles
  piece: Uint8Array
}

export function frameScratch(where: string): FrameScratch {
  const blocks = new Trifles(`${where}, zstd blocks`, { smallBytes: 256, max: 50_000 })
  return { blocks, piece: new Uint8Array(PIECE_BYTES + BLOCK_MAX_BYTES + 64) }
}

/**
 * The bytes of one frame whose magic number has just been read, with it, up to its end: in pieces that are gone when the next is asked
 * for.
 */
export async function* frameBytes(bytes: ByteReader, { blocks, piece }: FrameScratch): AsyncGenerator<Uint8Array, void, void> {
  const what = `the zstd frame from byte ${bytes.position - 4} on`
  let filled = 0
  const take = async (count: number): Promise<Uint8Array> => {
    piece.set(await bytes.read(count, what), filled)
    filled += count
    return piece.subarray(filled - count, filled)
  }
  const header = await frameHeader(bytes, what)
  piece.set(header.bytes)
  filled = header.bytes.length
  for (let isLast = false; !isLast;) {
    const [a = 0, b = 0, c = 0] = await take(3)
    const field = a | (b << 8) | (c << 16)
    isLast = (field & 1) === 1
    const type = (field >> 1) & 3
    const contentBytes = field >> 3
    if (type === BLOCK_RESERVED || contentBytes > BLOCK_MAX_BYTES) throw invalid(`${bytes.label}: damaged zstd data in ${what}`)
    // Of a compressed block only the stored size is said: 8 bytes may become 128 KiB.
    blocks.see(type === BLOCK_COMPRESSED ? contentBytes * 32 : contentBytes)
    await take(type === BLOCK_RLE ? 1 : contentBytes)
    if (filled < PIECE_BYTES) continue
    yield piece.subarray(0, filled)
    filled = 0
  }
  if (header.hasChecksum) await take(4)
  if (filled > 0) yield piece.subarray(0, filled)
}

interface FrameHeader {
  bytes: Uint8Array
  hasChecksum: boolean
}

/** The frame header (3.1.1.1). Its window is held against the limit here, so that the message can name both. */
async function frameHeader(bytes: ByteReader, what: string): Promise<FrameHeader> {
  const [descriptor = 0] = await bytes.read(1, what)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const windowBytes = isSingleSegment ? 0 : 1
  const fields = new Uint8Array(await bytes.read(windowBytes + dictionaryIdBytes + sizeBytes, what))
  const size = numberOf(fields.subarray(windowBytes + dictionaryIdBytes)) + (sizeBytes === 2 ? 256 : 0)
  const window = isSingleSegment ? size : windowOf(fields[0] ?? 0)
  if (window > WINDOW_MAX_BYTES) {
    const hint = 'Compress it again with a window of at most 128 MiB: zstd without --ultra or --long beyond 27.'
    throw invalid(`${bytes.label}: ${what} needs a window of ${window} bytes, more than the ${WINDOW_MAX_BYTES} that are accepted`, hint)
  }
  if (numberOf(fields.subarray(windowBytes, windowBytes + dictionaryIdBytes)) !== 0) {
    throw invalid(`${bytes.label}: ${what} needs a dictionary`, 'Compress it without a dictionary.')
  }
  return { bytes: joinBytes([magicBytes(), Uint8Array.of(descriptor), fields]), hasChecksum: (descriptor & 4) !== 0 }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function magicBytes(): Uint8Array {
  return Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true)
}

function numberOf(littleEndian: Uint8Array): number {
  return littleEndian.reduceRight((sum, byte) => sum * 256 + byte, 0)
}
