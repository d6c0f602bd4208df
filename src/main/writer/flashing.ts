import { crc32 } from 'node:zlib'
import type { Card } from './card.ts'
import { WriterFailure, toFailure } from './failure.ts'
import type { Gate, Queue } from './gate.ts'
import { probeCapacity } from './probe.ts'
import { DEPTH, type Event, GRAIN_BYTES, MAX_SUMS, type Phase, REWRITES } from './protocol.ts'
import { type AlignedBuffer, type ImageUnit, type Unit, type WrittenUnit, differences, unitsOf } from './units.ts'

interface FlashingParts {
  card: Card
  gate: Gate
  /** Opens when the first block may be written. */
  seal: Gate
  ranges: Queue<[number, number][]>
  /** Of the chunks that the ranges are cut into, as far as they are known when the first ranges come. */
  sums: readonly number[]
  newBuffer: AlignedBuffer
  tell(event: Event): void
}

/** What one unit at a time is worked on with: nobody else has these buffers until the last write from them has come back. */
interface Bench {
  data: Uint8Array
  other: Uint8Array
}

const PROGRESS_MS = 100

/** Writes an image to a card, reads it back, and puts its first block in place at the very end. */
export class Flashing {
  readonly #parts: FlashingParts
  readonly #benches: readonly [Bench, ...Bench[]]
  readonly #written: WrittenUnit[] = []
  #phase: Phase = 'writing'
  #done = { bytes: 0, total: 0, isTotalKnown: false }
  #savedBytes = 0
  /** Whether the card is read before it is written. */
  #isDifferential: boolean
  #toldAt = 0

  constructor(parts: FlashingParts) {
    this.#parts = parts
    this.#isDifferential = parts.card.order.differential
    const bench = (): Bench => ({ data: parts.newBuffer(), other: parts.newBuffer() })
    this.#benches = [bench(), ...Array.from({ length: DEPTH - 1 }, bench)]
  }

  async run(): Promise<Extract<Event, { event: 'done' }>> {
    const { card } = this.#parts
    await this.#sample()
    await this.#writeAll()
    if (card.isMarked) await card.sync()
    const verifiedBytes = card.order.verify ? await this.#verifyAll() : 0
    this.#tellSums()
    this.#begin('finishing', 0)
    await this.#parts.seal.pass()
    await this.#seal()
    this.#tellProgress(true)
    const { writtenBytes } = card
    return { event: 'done', writtenBytes, savedBytes: this.#savedBytes, verifiedBytes, isReread: false }
  }

  /** Where most differs, reading first takes longer than writing all of it. */
  async #sample(): Promise<void> {
    const { card, gate, tell } = this.#parts
    const { samples } = card.order
    if (!this.#isDifferential || samples.length === 0) return
    const queue = samples.values()
    let different = 0
    await this.#side(async ({ data, other }) => {
      for (const start of queue) {
        await gate.pass()
        const unit = { start, end: Math.min(start + GRAIN_BYTES, card.imageBytes ?? Number.POSITIVE_INFINITY) }
        if (unit.end > card.roomBytes) throw new WriterFailure('too-small', `there is no room for a sample at byte ${start}`)
        if (Buffer.compare(await card.readSource(unit, data), await card.readCard(unit, other)) !== 0) different += 1
      }
    })
    this.#isDifferential = different * 2 <= samples.length
    tell({ event: 'sampled', samples: samples.length, different, isDifferential: this.#isDifferential })
  }

  async #writeAll(): Promise<void> {
    const { card, ranges, sums } = this.#parts
    const units = unitsOf(ranges, { roomBytes: card.roomBytes, blockBytes: card.medium.blockBytes, sums })
    await this.#side((bench) => this.#writeSome(units, bench))
    this.#tellProgress(true)
  }

  async #writeSome(units: AsyncGenerator<ImageUnit, void, void>, bench: Bench): Promise<void> {
    const { card, gate } = this.#parts
    for (;;) {
      await gate.pass()
      const next = await card.timed('image', () => units.next())
      if (next.done) return
      await gate.pass()
      await this.#writeUnit(next.value, bench)
      this.#progress(next.value)
    }
  }

  async #writeUnit(unit: ImageUnit, { data, other }: Bench): Promise<void> {
    const { card } = this.#parts
    const bytes = await card.readSource(unit, data)
    const parts = this.#isDifferential ? [...differences(bytes, await card.readCard(unit, other), GRAIN_BYTES)] : [whole(bytes)]
    this.#savedBytes += bytes.length - sizeOf(parts)
    for (const { start, end } of parts) {
      const part = bytes.subarray(start, end)
      const written = { start: unit.start + start, end: Math.min(unit.start + end, unit.end) }
      await card.write(part, written.start)
      const crc = part.length === bytes.length ? unit.crc : null
      if (card.order.verify) this.#written.push({ ...written, crc: crc ?? crcOf(part, written) })
    }
  }

  /** Reads back what was written; what was found there has been read already. Answers how much was looked at. */
  async #verifyAll(): Promise<number> {
    const bytes = sizeOf(this.#written)
    this.#begin('verifying', bytes)
    let bad = await this.#wrongOf(this.#written)
    for (let times = 1; bad.length > 0 && times <= REWRITES; times += 1) bad = await this.#writeAgain(bad, times)
    const [first] = bad
    if (first) throw await this.#mismatch(first)
    this.#tellProgress(true)
    return bytes
  }

  /** For the next card: only of chunks that were written whole, all of them. */
  #tellSums(): void {
    const { card, sums, tell } = this.#parts
    if (!card.order.verify || this.#isDifferential || sums.length > 0) return
    const units = this.#written.toSorted((a, b) => a.start - b.start)
    for (let at = 0; at < units.length; at += MAX_SUMS) tell({ event: 'sums', sums: units.slice(at, at + MAX_SUMS).map(({ crc }) => crc) })
  }

  async #wrongOf(units: readonly WrittenUnit[]): Promise<WrittenUnit[]> {
    const { card, gate } = this.#parts
    const queue = units.values()
    const wrong: WrittenUnit[] = []
    await this.#side(async ({ data }) => {
      for (const unit of queue) {
        await gate.pass()
        if (crcOf(await card.readCard(unit, data), unit) !== unit.crc) wrong.push(unit)
        this.#progress(unit)
      }
    })
    return wrong.toSorted((a, b) => a.start - b.start)
  }

  async #writeAgain(bad: readonly WrittenUnit[], times: number): Promise<WrittenUnit[]> {
    const { card, gate, tell } = this.#parts
    const [{ data }] = this.#benches
    for (const unit of bad) {
      await gate.pass()
      tell({ event: 'rewrite', start: unit.start, end: unit.end, times })
      const bytes = await card.readSource(unit, data)
      if (crcOf(bytes, unit) !== unit.crc) throw new WriterFailure('changed', `at byte ${unit.start} of it`)
      await card.write(bytes, unit.start)
    }
    await card.sync()
    return this.#wrongOf(bad)
  }

  /** Where exactly the card differs, and whether it keeps less than it says. */
  async #mismatch(unit: WrittenUnit): Promise<WriterFailure> {
    const { card } = this.#parts
    const [{ data, other }] = this.#benches
    const [wanted, found] = [await card.readSource(unit, data), await card.readCard(unit, other)]
    const [place = unit] = differences(wanted, found, card.medium.blockBytes)
    const at = card.order.startBytes + unit.start + (place === unit ? 0 : place.start)
    // A partition alone is written: what lies around it is somebody's.
    const realBytes = card.order.startBytes === 0 ? await probeCapacity(card.medium, data) : null
    return new WriterFailure('mismatch', `reads back otherwise after ${REWRITES} more attempts`, { at, realBytes })
  }

  /** The first block: as soon as it is there, the card is whole. */
  async #seal(): Promise<void> {
    const { card, gate } = this.#parts
    const [{ data, other }] = this.#benches
    const unit = card.sealUnit
    const bytes = await card.readSource(unit, data)
    const isThere = async (): Promise<boolean> => Buffer.compare(bytes, await card.readCard(unit, other)) === 0
    if (!card.isMarked && this.#isDifferential && (await isThere())) {
      this.#savedBytes += bytes.length
      return
    }
    for (let times = 0; times <= REWRITES; times += 1) {
      await gate.pass()
      if (times > 0) this.#parts.tell({ event: 'rewrite', ...unit, times })
      await card.write(bytes, 0)
      await card.sync()
      if (!card.order.verify || (await isThere())) return
    }
    throw await this.#mismatch({ ...unit, crc: 0 })
  }

  /** Runs `work` on every bench at once. The first failure ends the others, and is thrown when nothing is in flight any more. */
  async #side(work: (bench: Bench) => Promise<void>): Promise<void> {
    const { gate, ranges } = this.#parts
    await Promise.all(
      this.#benches.map((bench) =>
        work(bench).catch((thrown: unknown) => {
          const failure = toFailure(thrown)
          gate.stop(failure)
          ranges.fail(failure)
        }),
      ),
    )
    await gate.pass()
  }

  #begin(phase: Phase, totalBytes: number): void {
    this.#phase = phase
    this.#done = { bytes: 0, total: totalBytes, isTotalKnown: true }
    this.#tellProgress(true)
  }

  #progress({ start, end }: Unit): void {
    this.#done.bytes += end - start
    this.#tellProgress(false)
  }

  #tellProgress(isForced: boolean): void {
    const now = performance.now()
    if (!isForced && now - this.#toldAt < PROGRESS_MS) return
    this.#toldAt = now
    const { card, tell } = this.#parts
    const { bytes, total, isTotalKnown } = this.#done
    const { image, source, card: onCard } = card.waitedMs
    tell({
      event: 'progress',
      phase: this.#phase,
      doneBytes: bytes,
      totalBytes: isTotalKnown ? total : null,
      writtenBytes: card.writtenBytes,
      savedBytes: this.#savedBytes,
      waitedMs: { image: Math.round(image), source: Math.round(source), card: Math.round(onCard) },
    })
  }
}

/** Of the image alone, without what fills the last block. */
function crcOf(bytes: Uint8Array, { start, end }: Unit): number {
  return crc32(bytes.subarray(0, end - start))
}

function whole(bytes: Uint8Array): Unit {
  return { start: 0, end: bytes.length }
}

function sizeOf(units: readonly Unit[]): number {
  return units.reduce((sum, { start, end }) => sum + end - start, 0)
}
