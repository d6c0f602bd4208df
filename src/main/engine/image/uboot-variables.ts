import { crc32 } from 'node:zlib'
import { AppError } from '../../contract/errors.ts'

/** Variables of a boot loader, in the order in which they are written. */
export type Variables = ReadonlyMap<string, string>

const CRC_BYTES = 4

/**
 * A whole environment of U-Boot as libubootenv and mkenvimage lay it out: CRC-32, a flag where it is one of two copies (the higher one
 * counts), sorted `name=value` strings, zeros. BAD_INPUT when they do not fit.
 */
export function encodeUbootEnvironment(variables: Variables, sizeBytes: number, flag: number | null): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes)
  const head = CRC_BYTES + (flag === null ? 0 : 1)
  const text = [...variables].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${checked(name, value)}\0`)
  const strings = Buffer.from(`${text.join('')}\0`)
  if (head + strings.length > sizeBytes)
    throw new AppError('BAD_INPUT', `The environment needs ${head + strings.length} bytes; it has ${sizeBytes}`, 'Make it larger.')
  bytes.set(strings, head)
  if (flag !== null) bytes[CRC_BYTES] = flag
  new DataView(bytes.buffer).setUint32(0, crc32(bytes.subarray(head)), true)
  return bytes
}

function checked(name: string, value: string): string {
  if (/[\0=]/.test(name) || name === '' || value.includes('\0'))
    throw new AppError('BAD_INPUT', `${JSON.stringify(name)} cannot be a variable with this value`, 'Leave out = and NUL.')
  return value
}
