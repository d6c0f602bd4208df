import type { DevicePolls, PollBin, PollKind } from '../../contract/figures.ts'

/** Fewer intervals say nothing of what is usual. */
const ENOUGH = 3
/** A poll is late when it takes so many times as long as is usual, and what a poll may always be late. */
const LATE_FACTOR = 1.5
const GRACE_MS = 1000

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** Where one bin ends and the next begins: steps that people say. */
const EDGES = [
  ...[0, 0.5, 1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45].map((count) => count * SECOND),
  ...[1, 1.5, 2, 3, 4, 5, 7, 10, 15, 20, 30, 45].map((count) => count * MINUTE),
  ...[1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24, 48, 96, 192, 384, 768].map((count) => count * HOUR),
]

/** As the store has them: below zero where the device was updated in between. */
type Gaps = readonly number[]

function median(numbers: readonly number[]): number | null {
  return new Float64Array(numbers).toSorted()[Math.floor(numbers.length / 2)] ?? null
}

/** The interval that is usual for a device: the median, which a night in the cupboard does not shift; before there is one, the estimate. */
export function expectedInterval(gaps: Gaps, estimateMs: number | null): number | null {
  const idle = gaps.filter((gap) => gap >= 0)
  return idle.length >= ENOUGH ? median(idle) : estimateMs
}

/** The same for many devices. */
export function expectedOfMany(expected: readonly (number | null)[]): number | null {
  return median(expected.filter((each) => each !== null))
}

export function kindOf(gap: number, expectedMs: number | null): PollKind {
  if (gap < 0) return 'update'
  return expectedMs !== null && gap > Math.max(LATE_FACTOR * expectedMs, expectedMs + GRACE_MS) ? 'late' : 'on-time'
}

/** When a device has polled, how long after the poll before, and whether that was late. */
export function pollsOf(gaps: Gaps, lastPollAt: number | null, expectedMs: number | null): DevicePolls['polls'] {
  let at = lastPollAt ?? 0
  const polls = gaps.toReversed().map((gap) => {
    const poll = { at, gapMs: Math.abs(gap), kind: kindOf(gap, expectedMs) }
    at -= poll.gapMs
    return poll
  })
  return polls.toReversed()
}

const COUNTER = { 'on-time': 'onTimeCount', late: 'lateCount', update: 'updateCount' } as const

/** How many intervals are how long, from the shortest to the longest that there was. */
export function binsOf(intervals: Iterable<{ gapMs: number; kind: PollKind }>): PollBin[] {
  const bins = EDGES.slice(1).map((toMs, index): PollBin => ({
    fromMs: EDGES[index] ?? 0,
    toMs,
    onTimeCount: 0,
    lateCount: 0,
    updateCount: 0,
  }))
  for (const { gapMs, kind } of intervals) {
    const bin = bins[Math.min(bins.length - 1, binAt(gapMs))]
    if (bin) bin[COUNTER[kind]] += 1
  }
  const isUsed = ({ onTimeCount, lateCount, updateCount }: PollBin): boolean => onTimeCount + lateCount + updateCount > 0
  const first = bins.findIndex(isUsed)
  return first < 0 ? [] : bins.slice(first, bins.findLastIndex(isUsed) + 1)
}

/** In which bin an interval is; a search in halves, as there may be many of them. */
function binAt(gapMs: number): number {
  let [low, high] = [0, EDGES.length - 1]
  while (low + 1 < high) {
    const middle = (low + high) >> 1
    if ((EDGES[middle] ?? 0) <= gapMs) low = middle
    else high = middle
  }
  return low
}
