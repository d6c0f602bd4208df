import { basename } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { FlashRequest, FlashTarget } from '../../contract/flash.ts'
import { type Event, GRAIN_BYTES, MAX_SAMPLES, type OpenOrder } from '../../writer/protocol.ts'
import type { Host } from '../host.ts'
import { type Range, merged } from '../image/ranges.ts'
import type { ChunkSums } from './chunk-sums.ts'
import type { Feed } from './feed.ts'
import type { KnownImages } from './known-images.ts'
import { type LaneWork, type Steering, runLane } from './lane.ts'
import { type OpenSource, openSource } from './source.ts'
import { type TargetParts, openTarget } from './targets.ts'

/** Whether the card is read first, to write only what differs: `if it pays` as samples tell, where the whole image can be read at once. */
export type Comparison = 'never' | 'if it pays' | 'always'

interface CardWork {
  host: Pick<Host, 'files' | 'programs'>
  targets: Omit<TargetParts, 'files'>
  source: OpenSource
  feed: LaneWork['feed']
  target: FlashTarget
  request: Required<Pick<FlashRequest, 'source' | 'partition' | 'verify'>>
  comparison: Comparison
  overlay: OpenOrder['overlay']
  signal: AbortSignal
  onEvent(event: Event): void
  onStart(steering: Steering): void
}

/** Makes one target ready, and runs the writer on it. */
export async function writeCard({ host, targets, source, target: wanted, request, ...work }: CardWork): Promise<void> {
  const { facts } = source
  const partition = request.partition ?? null
  const sources = [facts.path, ...facts.witnesses.flatMap(({ path }) => (path === '' ? [] : path))]
  await using target = await openTarget(wanted, partition, { ...host, ...targets, sources, signal: work.signal })
  const { feed, signal, onStart, comparison, overlay } = work
  // A card with something of its device's own has others.
  const chunks = overlay === null ? source.chunks : null
  await runLane({
    ...{ programs: host.programs, target: target.name, command: target.command, feed, signal, onStart },
    ...{ sums: chunks?.known ?? [], onEvent: listener(chunks, work.onEvent) },
    order: {
      ...{ source: source.path, overlay, imageBytes: facts.imageBytes, startBytes: target.startBytes, roomBytes: target.roomBytes },
      ...{ deviceBytes: target.deviceBytes, diskSequence: target.diskSequence, faults: target.faults },
      ...{ differential: comparison !== 'never', samples: comparison === 'if it pays' ? samplesOf(source.feed.ranges ?? []) : [] },
      ...{ verify: request.verify ?? true, label: `Flash it again with ${basename(request.source)}.` },
    },
  })
}

/** Takes note of the image's sums on the way. */
function listener(chunks: ChunkSums | null, onEvent: (event: Event) => void): (event: Event) => void {
  const told: number[] = []
  return (event) => {
    if (event.event === 'sums') return void told.push(...event.sums)
    if (event.event === 'done') chunks?.found(told)
    if (event.event === 'failed' && event.why === 'changed') chunks?.distrust()
    onEvent(event)
  }
}

/** Evenly over what has to be written, so that a file system that was made anew shows wherever it begins. */
export function samplesOf(ranges: readonly Range[]): number[] {
  const grains = ranges.map(({ start, end }) => ({ first: Math.floor(start / GRAIN_BYTES), count: Math.ceil((end - start) / GRAIN_BYTES) }))
  const total = grains.reduce((sum, { count }) => sum + count, 0)
  const step = Math.max(1, total / MAX_SAMPLES)
  const positions = new Set<number>()
  let before = 0
  let next = 0
  for (const { first, count } of grains) {
    for (; next < before + count; next += step) positions.add((first + Math.floor(next) - before) * GRAIN_BYTES)
    before += count
  }
  return [...positions]
}

export interface UnitCard {
  /** A raw image. */
  image: string
  /** Refused when the image has another one. */
  sha256: string
  /** What makes this card one device's own, at its place in a file as long as the image. */
  overlay: { path: string; ranges: readonly Range[] }
  target: FlashTarget
  signal: AbortSignal
  onProgress(phase: 'writing' | 'verifying' | 'finishing', doneBytes: number, totalBytes: number | null): void
  /**
   * Called once everything but the first block is written and was read back: the card looks whole only when this has resolved. When it
   * rejects, the card stays unfinished for good.
   */
  beforeSeal(): Promise<void>
}

/** Writes one card of a series, whole or not at all; it is in no list of flashes. */
export async function writeUnitCard(
  card: UnitCard,
  parts: { host: Host; targets: Omit<TargetParts, 'files'>; spoolPath: string; known: KnownImages },
): Promise<void> {
  const { image, sha256, overlay, target, signal, onProgress, beforeSeal } = card
  const { host, targets, spoolPath, known } = parts
  const { files, programs, machine } = host
  await using source = await openSource({
    ...{ files, programs, freeBytes: machine.freeBytes, spoolPath, known, signal },
    wish: { path: image, bmap: null, sha256 },
  })
  if (source.facts.format !== 'raw') throw new AppError('BAD_INPUT', `${image} is packed`, 'Unpack it first.')
  const written = Promise.withResolvers<void>()
  const feed = sealedBy(withRanges(source.feed, overlay.ranges), { written: written.promise, beforeSeal })
  await writeCard({
    ...{ host, targets, source, feed, target, signal, comparison: 'never', onStart: () => undefined },
    request: { source: image, partition: null, verify: true },
    overlay: { source: overlay.path, ranges: overlay.ranges.map(({ start, end }) => [start, end]) },
    onEvent: (event) => {
      if (event.event !== 'progress') return
      onProgress(event.phase, event.doneBytes, event.totalBytes ?? source.facts.mappedBytes)
      if (event.phase === 'finishing') written.resolve()
    },
  })
}

/** A feed of which these ranges are written as well, wherever the image itself has nothing there. */
function withRanges(feed: Feed, ranges: readonly Range[]): LaneWork['feed'] {
  return {
    get imageBytes() {
      return feed.imageBytes
    },
    async *follow(signal) {
      const all: Range[] = [...ranges]
      for await (const batch of feed.follow(signal)) all.push(...batch)
      if (!signal.aborted) yield merged(all.toSorted((a, b) => a.start - b.start))
    },
    trusted: (signal) => feed.trusted(signal),
  }
}

interface Sealing {
  written: Promise<void>
  beforeSeal(): Promise<void>
}

/** A feed that is trusted only when everything else is written, and somebody has agreed. */
function sealedBy(feed: LaneWork['feed'], { written, beforeSeal }: Sealing): LaneWork['feed'] {
  return {
    get imageBytes() {
      return feed.imageBytes
    },
    follow: (signal) => feed.follow(signal),
    async trusted(signal) {
      await feed.trusted(signal)
      await Promise.race([written, aborted(signal)])
      if (!signal.aborted) await beforeSeal()
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
