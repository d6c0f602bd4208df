import { type Hash, createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Bmap } from '../image/bmap.ts'

/**
 * Holds an image that passes from its start to its end, with or without what is free, against the checksums of its block map. Throws
 * VERIFY_FAILED at the first range that differs.
 */
export class BmapCheck {
  readonly #bmap: Bmap
  readonly #path: string
  #position = 0
  #index = 0
  #hash: Hash

  constructor(bmap: Bmap, path: string) {
    this.#bmap = bmap
    this.#path = path
    this.#hash = createHash(bmap.checksumType)
  }

  /** Whether the map has any checksums. */
  get hasSums(): boolean {
    return this.#bmap.ranges.some(({ checksum }) => checksum !== null)
  }

  /** Whether the map has a checksum of all that it says is in use. */
  static vouchesFor({ ranges }: Bmap): boolean {
    return ranges.every(({ checksum }) => checksum !== null)
  }

  /** The bytes at `position`, before which nothing in use may have been left out. */
  update(piece: Uint8Array, position = this.#position): void {
    this.#position = position
    const end = this.#position + piece.length
    for (let range = this.#range(); range && range.start < end; range = this.#range()) {
      const from = Math.max(range.start, this.#position)
      this.#hash.update(piece.subarray(from - this.#position, Math.min(range.end, end) - this.#position))
      if (range.end > end) break
      this.#compare(range.checksum)
    }
    this.#position = end
  }

  /** All has passed: the image has so many bytes. */
  end(imageBytes: number): void {
    const { ranges, imageBytes: known } = this.#bmap
    if (imageBytes !== known || this.#index < ranges.length)
      throw other(`${this.#path} is of an image with ${known} bytes; this one has ${imageBytes}`)
  }

  #range(): { start: number; end: number; checksum: string | null } | null {
    const { ranges, blockBytes, imageBytes } = this.#bmap
    const range = ranges[this.#index]
    return range ? { start: range.start * blockBytes, end: Math.min(range.end * blockBytes, imageBytes), checksum: range.checksum } : null
  }

  #compare(checksum: string | null): void {
    const found = this.#hash.digest('hex')
    const { start = 0, end = 1 } = this.#bmap.ranges[this.#index] ?? {}
    if (checksum !== null && found !== checksum)
      throw other(`The blocks ${start} to ${end - 1} of the image are not those of ${this.#path}`)
    this.#index += 1
    this.#hash = createHash(this.#bmap.checksumType)
  }
}

function other(message: string): AppError {
  return new AppError('VERIFY_FAILED', message, 'Fetch the image and its map again, or make the map anew.')
}
