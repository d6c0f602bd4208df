import type { z } from 'zod'
import { invalid, quoted } from './invalid.ts'

const MAX_DEPTH = 64

/**
 * JSON from an artifact, as strictly as no reader in the field disagrees: UTF-8, no key twice (also not in another case, which Go takes
 * for the same), nothing after the value, at most 64 levels. `where` is the entry's name.
 */
export function parseStrictJson<T>(bytes: Uint8Array, schema: z.ZodType<T>, where: string): T {
  const value = parse(bytes, where)
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  const issue = checked.error.issues[0]
  const path = issue?.path.join('.') ?? ''
  throw invalid(`${where}: ${path === '' ? '' : `${path}: `}${issue?.message ?? 'unexpected content'}`)
}

function parse(bytes: Uint8Array, where: string): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    checkKeys(text, where)
    return value
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof TypeError)
      throw invalid(`${where}: not JSON: ${thrown.message.slice(0, 160)}`, undefined, thrown)
    throw thrown
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g

/** Walks the tokens of JSON that is known to be well formed. */
function checkKeys(text: string, where: string): void {
  const levels: (Set<string> | null)[] = []
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') levels.push(null)
    else if (token === '}' || token === ']') levels.pop()
    else if (colon !== undefined) {
      const key = String(JSON.parse(token.slice(0, token.length - colon.length)))
      levels.push(withKey(levels.pop() ?? new Set(), key, where))
    }
    if (levels.length > MAX_DEPTH) throw invalid(`${where}: nested deeper than ${MAX_DEPTH} levels`)
  }
}

function withKey(keys: Set<string>, key: string, where: string): Set<string> {
  // JavaScript drops this key when it copies an object: it would be lost without a word.
  if (key === '__proto__') throw invalid(`${where}: the key "__proto__" is not acceptable`)
  if (keys.has(key)) throw invalid(`${where}: the key ${quoted(key)} occurs twice`)
  return keys.add(key)
}
