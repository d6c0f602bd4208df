const UNITS: readonly [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
]

/** A span of time in the largest unit of which it has two: "3 h". */
export function duration(ms: number): string {
  const unit = UNITS.find(([, size]) => ms >= 2 * size)
  return unit ? `${Math.floor(ms / unit[1])} ${unit[0]}` : `${Math.floor(ms / 1000)} s`
}
