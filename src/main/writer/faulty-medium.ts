import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { WriterFailure } from './failure.ts'
import type { Medium } from './medium.ts'
import type { CardFaults } from './protocol.ts'

/** A file that plays a card with faults: a virtual one, of which nothing is claimed about real cards. */
export class FaultyMedium implements Medium {
  readonly #medium: Medium
  readonly #faults: CardFaults
  /** When what was written so far is written by a card of its rate: one that has rested is no faster afterwards. */
  #dueAt = 0
  #isPulled = false

  readonly #path: string

  constructor(medium: Medium, faults: CardFaults, path: string) {
    this.#medium = medium
    this.#faults = faults
    this.#path = path
  }

  get sizeBytes(): number {
    return this.#medium.sizeBytes
  }

  get blockBytes(): number {
    return this.#medium.blockBytes
  }

  get isDirect(): boolean {
    return this.#medium.isDirect
  }

  get isDevice(): boolean {
    return false
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    this.#checkThere(position)
    await this.#medium.read(into, position)
    const { realBytes } = this.#faults
    // What it does not keep it never had, also where this file was an honest card before.
    if (realBytes !== null) into.fill(0, Math.max(0, Math.min(into.length, realBytes - position)))
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    const { failsAtByte, pulledAtByte, realBytes, writeBytesPerSecond } = this.#faults
    const isIn = (at: number | null): boolean => at !== null && at >= position && at < position + bytes.length
    if (isIn(pulledAtByte) && !this.#isPulled) {
      this.#isPulled = true
      // From now on it is not in the list of drives.
      await writeFile(`${this.#path}.pulled`, '')
    }
    this.#checkThere(position)
    if (isIn(failsAtByte)) throw new WriterFailure('io', 'EIO, as this virtual card was asked to', { at: failsAtByte })
    if (writeBytesPerSecond !== null) {
      const now = performance.now()
      this.#dueAt = Math.max(this.#dueAt, now) + (1000 * bytes.length) / writeBytesPerSecond
      await sleep(this.#dueAt - now)
    }
    const kept = realBytes === null ? bytes.length : Math.min(bytes.length, Math.max(0, realBytes - position))
    const keptBlocks = kept - (kept % this.blockBytes)
    if (keptBlocks > 0) await this.#medium.write(bytes.subarray(0, keptBlocks), position)
  }

  sync(): Promise<void> {
    return this.#isPulled ? Promise.reject(pulled(null)) : this.#medium.sync()
  }

  close(neededBytes?: number): Promise<void> {
    return this.#medium.close(neededBytes)
  }

  #checkThere(at: number): void {
    if (this.#isPulled) throw pulled(at)
  }
}

function pulled(at: number | null): WriterFailure {
  return new WriterFailure('gone', 'pulled, as this virtual card was asked to', { at })
}
