export interface Size {
  width: number
  height: number
}

interface Frame {
  /** What the upper edge stands for. */
  top: number
  size: Size
}

/** The outline of an area that keeps its height for the length of each step, on top of others. */
export function stepArea(values: readonly number[], bases: readonly number[], { top, size }: Frame): string {
  const points = (at: (step: number) => number): string[] =>
    values.flatMap((_, step) => {
      const y = yOf(at(step), top, size)
      return [`${round(xOf(step, values.length, size))},${y}`, `${round(xOf(step + 1, values.length, size))},${y}`]
    })
  const base = (step: number): number => bases[step] ?? 0
  return [...points((step) => base(step) + (values[step] ?? 0)), ...points(base).toReversed()].join(' ')
}

/** The left edge of a step. */
export function xOf(step: number, count: number, { width }: Size): number {
  return (step / Math.max(1, count)) * width
}

/** Where a value stands; one beyond the top stands there. */
export function yOf(value: number, top: number, { height }: Size): number {
  return round(height - Math.min(1, value / (top || 1)) * (height - 1))
}

/** Values on top of each other, step by step: where each of them begins. */
export function stacked(layers: readonly (readonly number[])[]): number[][] {
  const sums = (layers[0] ?? []).map(() => 0)
  return layers.map((layer) => {
    const bases = [...sums]
    for (const [step, value] of layer.entries()) sums[step] = (sums[step] ?? 0) + value
    return bases
  })
}

const NICE = [1, 2, 2.5, 5, 10]

/** A round figure above a value, of which half is one too. */
export function niceTop(value: number): number {
  if (value <= 0) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return (NICE.find((each) => each * unit >= value) ?? 10) * unit
}

const NICE_COUNTS = [2, 4, 6, 8, 10, 12, 16, 20]

/** The same for what is counted. */
export function niceCount(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, value))))
  return (NICE_COUNTS.find((each) => each * unit >= value) ?? 20) * unit
}

/** How fast bytes went over a few steps: of as much time each, or of as many bytes. */
export function meanRate(rates: readonly number[], isOverBytes: boolean): number {
  if (isOverBytes) return rates.length / rates.reduce((seconds, rate) => seconds + 1 / Math.max(1, rate), 0)
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length
}

const round = (value: number): number => Math.round(value * 10) / 10
