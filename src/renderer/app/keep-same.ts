/**
 * `next` with every part that equals its counterpart in `previous` replaced by that very object, so that what did not
 * change is not drawn again. Items of a list are matched by their `id`, else by position. For plain JSON values.
 */
export function keepSame<T>(previous: unknown, next: T): T
export function keepSame(previous: unknown, next: unknown): unknown {
  if (Object.is(previous, next)) return previous
  if (Array.isArray(previous) && Array.isArray(next)) return keepList(previous, next)
  if (isRecord(previous) && isRecord(next)) return keepRecord(previous, next)
  return next
}

function keepList(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const byId = new Map(previous.map((item) => [idOf(item), item]))
  const kept = next.map((item, index) => {
    const id = idOf(item)
    return keepSame(id === undefined ? previous[index] : byId.get(id), item)
  })
  const isSame = previous.length === kept.length && kept.every((item, index) => Object.is(item, previous[index]))
  return isSame ? previous : kept
}

function keepRecord(previous: Record<string, unknown>, next: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(next).map(([key, value]) => [key, keepSame(previous[key], value)] as const)
  const isSame = entries.length === Object.keys(previous).length && entries.every(([key, value]) => Object.is(value, previous[key]))
  return isSame ? previous : Object.fromEntries(entries)
}

function idOf(item: unknown): unknown {
  return isRecord(item) ? item.id : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
