/** Text by its UTF-8 bytes, as Go sorts keys; JavaScript's own order differs beyond U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const ESCAPES: Record<string, string> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
  '\\b': '\\u0008',
  '\\f': '\\u000c',
}

function goText(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/\\[\\"]|\\[bf]|[<>&\u2028\u2029]/g, (found) => ESCAPES[found] ?? found)
}

function goObject(members: Iterable<[string, unknown]>): string {
  return `{${[...members].map(([key, value]) => `${goText(key)}:${goJson(value)}`).join(',')}}`
}

/**
 * JSON as Go's encoding/json writes it (mender-artifact 3.9, section "meta-data"): minified, `<` `>` `&` and the two line separators
 * escaped, numbers through float64. A Map keeps its order (a Go struct), a plain object is sorted by UTF-8 bytes (a Go map).
 */
export function goJson(value: unknown): string {
  if (typeof value === 'string') return goText(value)
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (value instanceof Map) return goObject(value)
  if (typeof value === 'object' && value !== null) return goObject(Object.entries(value).toSorted(([a], [b]) => compareUtf8(a, b)))
  return JSON.stringify(value ?? null)
}

/** The same for people, as Go's json.Indent lays it out: two spaces a level. */
export function goJsonIndented(value: unknown): string {
  const text = JSON.stringify(JSON.parse(goJson(value)), null, 2)
  // Outside of strings none of these characters stands in JSON.
  return text.replace(/[<>&\u2028\u2029]/g, (found) => ESCAPES[found] ?? found)
}
