/** What a scanner or a person at the station means. */
export type Scanned =
  | { kind: 'operator'; name: string }
  | { kind: 'void'; serial: string; reason: string }
  /** A work order or a serial number. */
  | { kind: 'name'; name: string }

/** Scanners type what is in the code, in whatever letters the badge has. */
export function parseScan(text: string): Scanned {
  const [word = '', ...rest] = text.trim().split(/\s+/)
  const [first = '', ...more] = rest
  if (word.toLowerCase() === 'operator' && rest.length > 0) return { kind: 'operator', name: rest.join(' ').slice(0, 100) }
  if (word.toLowerCase() === 'void' && more.length > 0) return { kind: 'void', serial: first, reason: more.join(' ') }
  return { kind: 'name', name: text.trim() }
}
