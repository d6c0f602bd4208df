/** Bytes over time, in steps of equal length. */
export interface Steps {
  startAt: number
  stepMs: number
  bytes: number[]
}

/** How fine a series is at first; the steps double when there would be too many. */
const FIRST_STEP_MS = 250

/** Gathers bytes over time in no more than `most` steps, however long it takes. */
export class ByteSeries {
  readonly #most: number
  #steps: Steps | null

  /** Goes on with what was gathered before. */
  constructor(most: number, steps: Steps | null = null) {
    this.#most = most
    this.#steps = steps && { ...steps, bytes: [...steps.bytes] }
  }

  /** null before the first byte. */
  get steps(): Readonly<Steps> | null {
    return this.#steps
  }

  /** So many bytes went evenly between two times. What is told of a time before the first step counts for that one. */
  add(bytes: number, fromAt: number, toAt: number): void {
    const steps = (this.#steps ??= { startAt: fromAt, stepMs: FIRST_STEP_MS, bytes: [] })
    while (toAt - steps.startAt >= this.#most * steps.stepMs) halve(steps)
    const place = (at: number): number => Math.max(0, (at - steps.startAt) / steps.stepMs)
    const [from, to] = [place(Math.min(fromAt, toAt)), place(toAt)]
    const [first, last] = [Math.floor(from), Math.floor(to)]
    while (steps.bytes.length <= last) steps.bytes.push(0)
    let told = 0
    for (let step = first; step <= last; step += 1) {
      const upTo = step === last ? bytes : Math.round((bytes * (step + 1 - from)) / (to - from))
      steps.bytes[step] = (steps.bytes[step] ?? 0) + upTo - told
      told = upTo
    }
  }
}

function halve(steps: Steps): void {
  const { bytes } = steps
  steps.bytes = Array.from({ length: Math.ceil(bytes.length / 2) }, (_, index) => (bytes[2 * index] ?? 0) + (bytes[2 * index + 1] ?? 0))
  steps.stepMs *= 2
}

export interface RateFigures {
  startAt: number
  stepMs: number
  /** Bytes a second, step by step. */
  rates: number[]
  totalBytes: number
  averageRate: number
  peakRate: number
}

export function rateFigures({ startAt, stepMs, bytes }: Readonly<Steps>): RateFigures {
  const rates = bytes.map((each) => Math.round((each * 1000) / stepMs))
  return {
    ...{ startAt, stepMs, rates },
    totalBytes: bytes.reduce((sum, each) => sum + each, 0),
    averageRate: averageRate({ stepMs, bytes }),
    peakRate: rates.reduce((most, rate) => Math.max(most, rate), 0),
  }
}

/** Bytes a second over the steps in which anything went. */
export function averageRate({ stepMs, bytes }: Pick<Steps, 'stepMs' | 'bytes'>): number {
  let [sum, count] = [0, 0]
  for (const each of bytes) {
    sum += each
    if (each > 0) count += 1
  }
  return count === 0 ? 0 : Math.round((sum * 1000) / (count * stepMs))
}
