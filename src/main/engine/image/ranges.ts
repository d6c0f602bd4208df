/** Numbers from `start` to before `end`: bytes or blocks. */
export interface Range {
  start: number
  end: number
}

/** The same numbers in as few ranges as can be. They have to come in the order of their starts, and may overlap. */
export function merged(ranges: Iterable<Range>): Range[] {
  const all: Range[] = []
  for (const { start, end } of ranges) {
    const last = all.at(-1)
    if (last && start <= last.end) last.end = Math.max(last.end, end)
    else if (end > start) all.push({ start, end })
  }
  return all
}

/** What is in `ranges` and in none of `holes`; both merged. */
export function without(ranges: readonly Range[], holes: readonly Range[]): Range[] {
  const left: Range[] = []
  let index = 0
  for (const { start, end } of ranges) {
    let at = start
    while ((holes[index]?.end ?? Number.POSITIVE_INFINITY) <= start) index += 1
    for (let hole = holes[index]; hole && hole.start < end; hole = holes[index]) {
      if (hole.start > at) left.push({ start: at, end: hole.start })
      at = hole.end
      // It may reach into the next range as well.
      if (hole.end > end) break
      index += 1
    }
    if (at < end) left.push({ start: at, end })
  }
  return left
}
