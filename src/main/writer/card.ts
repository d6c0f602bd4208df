import type { ImageSource } from './image-source.ts'
import type { Medium } from './medium.ts'
import { type OpenOrder, SEAL_BYTES } from './protocol.ts'
import type { Unit } from './units.ts'

/** The first words on a card that is not whole. */
export const UNFINISHED = 'OTA Bench: this card is not written to its end.\n'

/** An image and its place on the medium: positions are those of the image. Counts what it does, and what it waits for. */
export class Card {
  readonly waitedMs = { image: 0, source: 0, card: 0 }
  writtenBytes = 0
  /** null until it is known. */
  imageBytes: number | null
  readonly #medium: Medium
  readonly #source: ImageSource
  readonly #order: OpenOrder
  readonly #seal: Uint8Array
  #marking: Promise<void> | null = null

  /** `buffer` is aligned, and its own. */
  constructor(medium: Medium, source: ImageSource, order: OpenOrder, buffer: Uint8Array) {
    this.#medium = medium
    this.#source = source
    this.#order = order
    this.#seal = buffer
    this.imageBytes = order.imageBytes
  }

  get medium(): Medium {
    return this.#medium
  }

  get order(): OpenOrder {
    return this.#order
  }

  /** Whether something was written. */
  get isMarked(): boolean {
    return this.#marking !== null
  }

  /** Of the image, filled up with zeros to a whole block of the device. Answers the part of `buffer` that is written. */
  async readSource({ start, end }: Unit, buffer: Uint8Array): Promise<Uint8Array> {
    const length = end - start
    await this.timed('source', () => this.#source.fill(buffer.subarray(0, length), start))
    const whole = this.#whole(buffer, length)
    whole.fill(0, length)
    return whole
  }

  /** What is on the card in that place, and the rest of its last block. */
  async readCard({ start, end }: Unit, buffer: Uint8Array): Promise<Uint8Array> {
    const whole = this.#whole(buffer, end - start)
    await this.timed('card', () => this.#medium.read(whole, this.#order.startBytes + start))
    return whole
  }

  /** Writes bytes of the image; the card is marked as unfinished before the first ones. */
  async write(bytes: Uint8Array, start: number): Promise<void> {
    await (this.#marking ??= this.#mark())
    await this.timed('card', () => this.#medium.write(bytes, this.#order.startBytes + start))
    this.writtenBytes += bytes.length
  }

  sync(): Promise<void> {
    return this.timed('card', () => this.#medium.sync())
  }

  async timed<T>(what: keyof Card['waitedMs'], work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now()
    try {
      return await work()
    } finally {
      this.waitedMs[what] += performance.now() - startedAt
    }
  }

  /** What there is room for. */
  get roomBytes(): number {
    return Math.min(this.#order.roomBytes ?? Number.POSITIVE_INFINITY, this.#medium.sizeBytes - this.#order.startBytes)
  }

  /** The range that is held back. */
  get sealUnit(): Unit {
    return { start: 0, end: Math.min(SEAL_BYTES, this.imageBytes ?? SEAL_BYTES, this.roomBytes) }
  }

  /** In place of the first block: nothing boots from it, nothing mounts it, and whoever looks at it reads why. */
  async #mark(): Promise<void> {
    const whole = this.#whole(this.#seal, this.sealUnit.end)
    whole.fill(0)
    new TextEncoder().encodeInto(`${UNFINISHED}${this.#order.label}\n`, whole.subarray(0, this.#medium.blockBytes))
    await this.#medium.write(whole, this.#order.startBytes)
    await this.#medium.sync()
  }

  #whole(buffer: Uint8Array, length: number): Uint8Array {
    const { blockBytes } = this.#medium
    return buffer.subarray(0, Math.ceil(length / blockBytes) * blockBytes)
  }
}
