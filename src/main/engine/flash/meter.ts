import { type Lane, SAMPLE_COUNT } from '../../contract/flash.ts'
import type { Event } from '../../writer/protocol.ts'

type Progress = Extract<Event, { event: 'progress' }>

/** The first length of a sample; it doubles when there would be too many. */
const FIRST_SAMPLE_BYTES = 1 << 20
/** What "now" means for a rate. */
const WINDOW_MS = 3000

/** Follows the progress of one lane: how fast it is, how fast it was along the card, and what it waits for. Pure: times come in as values. */
export class Meter {
  samples: number[] = []
  sampleBytes = FIRST_SAMPLE_BYTES
  bytesPerSecond = 0
  waitsFor: 'image' | 'source' | 'card' = 'card'
  #phase: Progress['phase'] | null = null
  #points: { atMs: number; bytes: number }[] = []
  #waited: Progress['waitedMs'] = { image: 0, source: 0, card: 0 }

  see({ phase, doneBytes, waitedMs }: Progress, atMs: number): void {
    if (phase !== this.#phase) {
      this.#phase = phase
      this.#points = []
    }
    const last = this.#points.at(-1)
    const rate = last && atMs > last.atMs ? ((doneBytes - last.bytes) * 1000) / (atMs - last.atMs) : 0
    if (phase === 'writing' && rate > 0) this.#sample(doneBytes, rate)
    this.#points = [...this.#points.filter((point) => point.atMs > atMs - WINDOW_MS), { atMs, bytes: doneBytes }]
    const first = this.#points[0]
    this.bytesPerSecond = first && atMs > first.atMs ? ((doneBytes - first.bytes) * 1000) / (atMs - first.atMs) : rate
    this.#wait(waitedMs)
  }

  /** Everything up to `doneBytes` that has no sample yet went at this rate. */
  #sample(doneBytes: number, rate: number): void {
    while ((this.samples.length + 1) * this.sampleBytes <= doneBytes) {
      if (this.samples.length === SAMPLE_COUNT) {
        this.samples = Array.from({ length: SAMPLE_COUNT / 2 }, (_, index) => pairOf(this.samples, index))
        this.sampleBytes *= 2
      } else this.samples.push(Math.round(rate))
    }
  }

  #wait(waited: Progress['waitedMs']): void {
    const spent = (['card', 'source', 'image'] as const).map((what) => ({ what, ms: waited[what] - this.#waited[what] }))
    const most = spent.reduce((worst, each) => (each.ms > worst.ms ? each : worst))
    if (most.ms > 0) this.waitsFor = most.what
    this.#waited = waited
  }
}

function pairOf(samples: readonly number[], index: number): number {
  return Math.round(((samples[2 * index] ?? 0) + (samples[2 * index + 1] ?? 0)) / 2)
}

/** What a person calls it. `feeding` is what the unpacking of the image itself waits for. */
export function bottleneckOf({ waitsFor }: Meter, feeding: 'source' | 'decompression'): Lane['bottleneck'] {
  if (waitsFor === 'card') return 'card'
  return waitsFor === 'source' ? 'source' : feeding
}
