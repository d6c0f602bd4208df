import { createHash } from 'node:crypto'

/** A GUID that follows from a name and what it is for, with the marks of version 8 (UUIDs by custom rules, RFC 9562). */
export function derivedGuid(name: string, what: string): string {
  const bytes = createHash('sha256').update(`${what}\0${name}`).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** Eight hexadecimal digits in the same way: the identifier of an MBR or of a FAT file system. */
export function derivedSerial(name: string, what: string): string {
  return derivedGuid(name, what).slice(0, 8)
}
