export type ByteRange = { kind: 'whole' } | { kind: 'part'; start: number; end: number } | { kind: 'unsatisfiable' }

/**
 * What a Range header (RFC 9110, section 14.2) asks of a file; `end` is exclusive. Several ranges, other units and nonsense are
 * ignored, as the standard allows, and answered with the whole.
 */
export function readRange(header: string | undefined, sizeBytes: number): ByteRange {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  const [first = '', last = ''] = found?.slice(1) ?? []
  if (first === '' && last === '') return { kind: 'whole' }
  if (first === '') return part(Math.max(0, sizeBytes - Number(last)), sizeBytes, sizeBytes)
  if (last !== '' && Number(last) < Number(first)) return { kind: 'whole' }
  return part(Number(first), last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1), sizeBytes)
}

function part(start: number, end: number, sizeBytes: number): ByteRange {
  return start < end && start < sizeBytes ? { kind: 'part', start, end } : { kind: 'unsatisfiable' }
}
