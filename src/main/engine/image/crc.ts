/** Castagnoli's polynomial and CRC-16's, both mirrored. */
const CRC32C = tableOf(0x82f6_3b78)
const CRC16 = tableOf(0xa001)

function tableOf(polynomial: number): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1
    return value >>> 0
  })
}

/** crc32c as the kernel computes it: it begins with ~0, and nothing is inverted at the end. */
export function crc32c(bytes: Uint8Array, before = 0xffff_ffff): number {
  return crc(CRC32C, bytes, before)
}

/** CRC-16 (ANSI) as the kernel computes it for group descriptors: it begins with ~0. */
export function crc16(bytes: Uint8Array, before = 0xffff): number {
  return crc(CRC16, bytes, before)
}

function crc(table: Uint32Array, bytes: Uint8Array, before: number): number {
  let value = before
  for (let at = 0; at < bytes.length; at++) value = (table[(value ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (value >>> 8)
  return value >>> 0
}
