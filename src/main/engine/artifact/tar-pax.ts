import { invalid, quoted } from './invalid.ts'

export type PaxRecords = Record<string, string>

/** The body of a PAX entry: `LENGTH KEY=VALUE\n` lines sorted by key, LENGTH counting itself. */
export function encodePax(records: PaxRecords): Uint8Array {
  const lines = Object.keys(records)
    .toSorted()
    .map((key) => paxLine(key, records[key] ?? ''))
  return new TextEncoder().encode(lines.join(''))
}

function paxLine(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`
  const restBytes = new TextEncoder().encode(rest).length
  let size = restBytes + String(restBytes).length
  if (restBytes + String(size).length !== size) size = restBytes + String(size).length
  return `${size}${rest}`
}

/** The records of a PAX entry's body; `where` names the entry in errors. ARTIFACT_INVALID when a line is malformed. */
export function decodePax(body: Uint8Array, where: string): PaxRecords {
  const records: PaxRecords = {}
  for (let at = 0; at < body.length;) {
    const length = lineLength(body, at)
    if (length === null || body[at + length - 1] !== 0x0a) throw invalid(`${where}: malformed PAX record at byte ${at}`)
    const line = utf8(body.subarray(at, at + length - 1), where)
    const equals = line.indexOf('=')
    const key = line.slice(line.indexOf(' ') + 1, equals)
    if (equals < 0 || key === '' || key in records) throw invalid(`${where}: PAX record ${quoted(line)} has no key, or a second one of it`)
    records[key] = line.slice(equals + 1)
    at += length
  }
  return records
}

function lineLength(body: Uint8Array, at: number): number | null {
  const digits = /^([1-9][0-9]{0,5}) /.exec(String.fromCharCode(...body.subarray(at, at + 7)))?.[1]
  if (digits === undefined) return null
  const length = Number(digits)
  return at + length <= body.length && length > digits.length + 2 ? length : null
}

function utf8(bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (thrown) {
    throw invalid(`${where}: a PAX record is not UTF-8`, undefined, thrown)
  }
}
