import { ByteReader } from './byte-reader.ts'
import { invalid } from './invalid.ts'
import { Trifles } from './trifles.ts'

/**
 * How much of an xz file goes into the decoder at once: it makes everything of a piece before it looks up, and xz packs 7000 to 1.
 * But LZMA2 says of each chunk, before it comes, how long it is and how long it will be: 64 KiB and 2 MiB at most.
 */
const STORED_BYTES = 64 * 1024
const EXPANDED_BYTES = 1 << 20

const MAGIC = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]
const STREAM_FOOTER_BYTES = 12

/** Bytes of a check by its id in the stream header (xz format 1.2.1, 2.1.1.2). */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]

/**
 * An xz file in pieces that each expand to a few MiB at most, cut where its structure says so. A piece is gone when the next is asked
 * for. Whether all is right is for the decoder to say; ARTIFACT_INVALID here when the structure cannot be followed.
 */
export async function* xzPieces(source: AsyncIterable<Uint8Array>, where: string): AsyncGenerator<Uint8Array, void, void> {
  const xz = new XzReader(new ByteReader(source, where))
  try {
    while (!(await xz.isAtEnd())) {
      if (await xz.isPadding()) continue
      const checkBytes = await xz.streamHeader()
      for (let first = await xz.byte(); first !== 0; first = await xz.byte()) yield* block(xz, first, checkBytes)
      yield* index(xz)
    }
    yield xz.piece()
  } finally {
    await xz.close()
  }
}

/** One block (3): its header, LZMA2 chunks, padding, and the check of its content. */
async function* block(xz: XzReader, first: number, checkBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const startsAt = xz.position - 1
  await xz.take((first + 1) * 4 - 1)
  let expandedBytes = 0
  for (let chunkBytes = await xz.chunk(); chunkBytes > 0; chunkBytes = await xz.chunk()) {
    expandedBytes += chunkBytes
    if (xz.isFull) yield xz.piece()
  }
  await xz.take((-(xz.position - startsAt) & 3) + checkBytes)
  xz.blocks.see(expandedBytes)
  if (xz.isFull) yield xz.piece()
}

/** The index (4), whose first byte has been read, and the stream footer. */
async function* index(xz: XzReader): AsyncGenerator<Uint8Array, void, void> {
  const startsAt = xz.position - 1
  for (let left = 2 * (await xz.number()); left > 0; left -= 1) {
    await xz.number()
    if (xz.isFull) yield xz.piece()
  }
  await xz.take((-(xz.position - startsAt) & 3) + 4 + STREAM_FOOTER_BYTES)
}

/** Reads an xz file and gathers what it has read. */
class XzReader {
  readonly blocks: Trifles
  readonly #chunks: Trifles
  readonly #bytes: ByteReader
  readonly #piece = new Uint8Array(4 * STORED_BYTES)
  #filled = 0
  #expandedBytes = 0

  constructor(bytes: ByteReader) {
    this.#bytes = bytes
    this.blocks = new Trifles(`${bytes.label}, xz blocks`, { smallBytes: 4096, max: 10_000 })
    this.#chunks = new Trifles(`${bytes.label}, LZMA2 chunks`, { smallBytes: 256, max: 50_000 })
  }

  get position(): number {
    return this.#bytes.position
  }

  get isFull(): boolean {
    return this.#filled >= STORED_BYTES || this.#expandedBytes >= EXPANDED_BYTES
  }

  /** What has been read since the last piece. */
  piece(): Uint8Array {
    const piece = this.#piece.subarray(0, this.#filled)
    this.#filled = 0
    this.#expandedBytes = 0
    return piece
  }

  async take(count: number): Promise<Uint8Array> {
    const startsAt = this.#filled
    this.#piece.set(await this.#bytes.read(count, 'the xz data'), startsAt)
    this.#filled += count
    return this.#piece.subarray(startsAt, startsAt + count)
  }

  async byte(): Promise<number> {
    return (await this.take(1))[0] ?? 0
  }

  /** A number in digits of seven bits (1.2). */
  async number(): Promise<number> {
    let value = 0
    for (let factor = 1; factor < 2 ** 63; factor *= 0x80) {
      const digit = await this.byte()
      value += (digit & 0x7f) * factor
      if (digit < 0x80) return value
    }
    throw this.#damaged()
  }

  /** Takes one LZMA2 chunk with its header; answers how long it will be, 0 for the end of the chunks. */
  async chunk(): Promise<number> {
    const control = await this.byte()
    if (control === 0) return 0
    if (control > 2 && control < 0x80) throw this.#damaged()
    const isStored = control <= 2
    const [a = 0, b = 0, c = 0, d = 0] = await this.take(isStored ? 2 : control < 0xc0 ? 4 : 5)
    const expandedBytes = (isStored ? 0 : (control & 0x1f) << 16) + (a << 8) + b + 1
    await this.take(isStored ? expandedBytes : (c << 8) + d + 1)
    this.#expandedBytes += expandedBytes
    this.#chunks.see(expandedBytes)
    return expandedBytes
  }

  /** Whether four bytes of padding come (2.2); the magic number's first four are kept. */
  async isPadding(): Promise<boolean> {
    if (this.isFull) throw this.#damaged()
    return (await this.take(4)).every((byte) => byte === 0)
  }

  /** The rest of the stream header (2.1.1), whose first four bytes have been read; answers the size of the checks. */
  async streamHeader(): Promise<number> {
    const startsAt = this.#filled - 4
    const [, , , flags = 0] = await this.take(8)
    if (MAGIC.some((byte, at) => this.#piece[startsAt + at] !== byte)) {
      throw invalid(`${this.#bytes.label}: ${this.position === 12 ? 'it is no xz data' : 'something follows the xz data'}`)
    }
    return CHECK_BYTES[flags & 15] ?? 0
  }

  isAtEnd(): Promise<boolean> {
    return this.#bytes.isAtEnd()
  }

  close(): Promise<void> {
    return this.#bytes.close()
  }

  #damaged(): Error {
    return invalid(`${this.#bytes.label}: damaged xz data before byte ${this.position}`)
  }
}
