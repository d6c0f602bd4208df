import { AppError } from '../../contract/errors.ts'
import { BLOCK_BYTES, holesOf } from '../image/mapped-blocks.ts'
import { type ReadImage, isBadImage } from '../image/image-bytes.ts'
import { type Range, without } from '../image/ranges.ts'
import type { Feed } from './feed.ts'
import { alignedRanges } from './image-map.ts'

/** Ranges are told up to multiples of it, so that a chunk of the writer is not cut in two. */
const CUT_BYTES = 1 << 20
/** Behind the end of every stream: GPT keeps a copy of itself there, for which nobody wants to wait. */
const FAR_BYTES = 2 ** 50

/** Tells of an image that comes as a stream what has to be written, as soon as both the bytes have come and it is known what they mean. */
export class KnownRanges {
  readonly #feed: Feed
  /** Bytes that are free, in order. */
  #holes: Range[] = []
  /** Up to which byte all holes are known, and up to which the image has come, and was told of. */
  #knownBytes = 0
  #cameBytes = 0
  #toldBytes = 0

  constructor(feed: Feed) {
    this.#feed = feed
  }

  /** By a block map that lies beside: all is known. `mapped` is in bytes. */
  useMap(mapped: readonly Range[]): void {
    this.#holes = without([{ start: 0, end: FAR_BYTES }], mapped)
    this.#knownBytes = FAR_BYTES
  }

  /** By the image's own file systems, read as they come. Resolves when all is known. */
  async useFileSystems(read: ReadImage): Promise<void> {
    const near: ReadImage = (position, length) =>
      position >= FAR_BYTES / 2 ? Promise.resolve(new DataView(new ArrayBuffer(0))) : read(position, length)
    try {
      for await (const { endBytes, holes } of holesOf(near, FAR_BYTES)) {
        for (const { start, end } of holes) this.#holes.push({ start: start * BLOCK_BYTES, end: end * BLOCK_BYTES })
        this.#knownBytes = Math.max(this.#knownBytes, endBytes)
        this.#tell()
      }
    } catch (thrown) {
      // Without a table that can be read, all of it is written.
      if (!isBadImage(thrown)) throw thrown
    }
    this.#knownBytes = FAR_BYTES
    this.#tell()
  }

  /** So much of the image has come. */
  came(bytes: number): void {
    this.#cameBytes = bytes
    this.#tell()
  }

  /** All of it has come. BAD_INPUT when that is nothing. */
  end(imageBytes: number): void {
    if (imageBytes === 0) throw new AppError('BAD_INPUT', 'Nothing comes out of the image when it is unpacked', 'Name a disk image.')
    this.#push(imageBytes)
  }

  #tell(): void {
    const cut = Math.floor(Math.min(this.#knownBytes, this.#cameBytes) / CUT_BYTES) * CUT_BYTES
    if (cut > this.#toldBytes) this.#push(cut)
  }

  #push(end: number): void {
    if (end <= this.#toldBytes) return
    const ranges = without([{ start: this.#toldBytes, end }], this.#holes)
    this.#feed.push(alignedRanges(ranges, 1, end))
    this.#toldBytes = end
    const first = this.#holes.findIndex((hole) => hole.end > end)
    this.#holes = first < 0 ? [] : this.#holes.slice(first)
  }
}
