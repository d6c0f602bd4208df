import { createHash } from 'node:crypto'
import { CHUNK_BYTES, SEAL_BYTES } from '../../writer/protocol.ts'
import type { Range } from '../image/ranges.ts'
import type { Recalled } from './known-images.ts'

/** 64 KiB of them, of 16 GiB of an image: all that is kept is read again at each start of a flash. */
const MAX_KEPT = 16_384

/**
 * CRC-32 of the chunks of an image, as the writer of one card told them and those of others are told them: whoever knows them need not
 * compute them again, and notices when the image is no longer what it was.
 */
export class ChunkSums {
  readonly #ranges: string
  readonly #recalled: Recalled
  /** null where they are not known. */
  readonly known: readonly number[] | null
  #found: readonly number[] = []
  #isDistrusted = false

  /** Of chunks that these ranges are cut into, as writers of this version do; null where those are not known at once. */
  constructor(ranges: readonly Range[] | null, recalled: Recalled) {
    this.#ranges = ranges
      ? createHash('sha256')
          .update(JSON.stringify([CHUNK_BYTES, SEAL_BYTES, ranges]))
          .digest('hex')
      : ''
    this.#recalled = recalled
    const { chunks } = recalled
    this.known = ranges && chunks?.ranges === this.#ranges ? unpacked(chunks.crcs) : null
  }

  /** A card was read back so. */
  found(sums: readonly number[]): void {
    if (this.#ranges !== '' && sums.length <= MAX_KEPT) this.#found = sums
  }

  /** The image has others than are known. */
  distrust(): void {
    this.#isDistrusted = true
  }

  async keep(): Promise<void> {
    if (this.#isDistrusted) await this.#recalled.forget()
    else if (this.#found.length > 0) await this.#recalled.note({ chunks: { ranges: this.#ranges, crcs: packed(this.#found) } })
  }
}

function packed(sums: readonly number[]): string {
  const bytes = Buffer.alloc(4 * sums.length)
  for (const [index, sum] of sums.entries()) bytes.writeUInt32LE(sum, 4 * index)
  return bytes.toString('base64')
}

function unpacked(crcs: string): number[] {
  const bytes = Buffer.from(crcs, 'base64')
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32LE(4 * index))
}
