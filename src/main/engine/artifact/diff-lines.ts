const CONTEXT = 3
/** Cells of the table that finds the longest common lines; larger texts are shown as replaced whole. */
const MAX_CELLS = 1_000_000

interface Edit {
  /** ` ` is in both, `-` only in the first, `+` only in the second. */
  sign: ' ' | '-' | '+'
  line: string
}

/** How two texts differ, as unified hunks: `@@ -LINE +LINE @@`, then lines that begin with ` `, `-` or `+`. Empty when they are equal. */
export function diffLines(a: string, b: string): string[] {
  return hunksOf(editsOf(a.split('\n'), b.split('\n')))
}

function editsOf(a: readonly string[], b: readonly string[]): Edit[] {
  const shorter = Math.min(a.length, b.length)
  let front = 0
  while (front < shorter && a[front] === b[front]) front += 1
  let back = 0
  while (back < shorter - front && a.at(-1 - back) === b.at(-1 - back)) back += 1
  return [
    ...a.slice(0, front).map((line): Edit => ({ sign: ' ', line })),
    ...middleOf(a.slice(front, a.length - back), b.slice(front, b.length - back)),
    ...a.slice(a.length - back).map((line): Edit => ({ sign: ' ', line })),
  ]
}

/** By the longest common subsequence, removed lines before added ones. */
function middleOf(a: readonly string[], b: readonly string[]): Edit[] {
  const removed = a.map((line): Edit => ({ sign: '-', line }))
  const added = b.map((line): Edit => ({ sign: '+', line }))
  if (a.length * b.length > MAX_CELLS) return [...removed, ...added]
  const common = commonLengths(a, b)
  const width = b.length + 1
  const edits: Edit[] = []
  let [x, y] = [0, 0]
  while (x < a.length && y < b.length) {
    if (a[x] === b[y]) {
      edits.push({ sign: ' ', line: a[x] ?? '' })
      x += 1
      y += 1
    } else if ((common[(x + 1) * width + y] ?? 0) >= (common[x * width + y + 1] ?? 0)) edits.push(...removed.slice(x, ++x))
    else edits.push(...added.slice(y, ++y))
  }
  return [...edits, ...removed.slice(x), ...added.slice(y)]
}

/** At x, y: how many lines the rests of `a` from x and of `b` from y have in common. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1
  const table = new Uint32Array((a.length + 1) * width)
  for (let x = a.length - 1; x >= 0; x--) {
    for (let y = b.length - 1; y >= 0; y--) {
      const below = table[(x + 1) * width + y] ?? 0
      const beside = table[x * width + y + 1] ?? 0
      table[x * width + y] = a[x] === b[y] ? (table[(x + 1) * width + y + 1] ?? 0) + 1 : Math.max(below, beside)
    }
  }
  return table
}

function hunksOf(edits: readonly Edit[]): string[] {
  const isNear = nearChanges(edits)
  const lines: string[] = []
  let [lineA, lineB] = [1, 1]
  for (const [index, { sign, line }] of edits.entries()) {
    if (isNear[index]) {
      if (!isNear[index - 1]) lines.push(`@@ -${lineA} +${lineB} @@`)
      lines.push(sign + line)
    }
    if (sign !== '+') lineA += 1
    if (sign !== '-') lineB += 1
  }
  return lines
}

/** Whether a line is a change or among the few around one. */
function nearChanges(edits: readonly Edit[]): boolean[] {
  const isNear = edits.map(() => false)
  for (const [index, { sign }] of edits.entries()) {
    if (sign !== ' ') isNear.fill(true, Math.max(0, index - CONTEXT), index + CONTEXT + 1)
  }
  return isNear
}
