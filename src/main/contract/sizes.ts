import { z } from 'zod'

export const path = z.string().min(1).max(4096)

const UNITS: Readonly<Record<string, number>> = {
  ...{ '': 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 },
}
const PATTERN = /^(0x[\da-f]+|\d+(?:\.\d+)?) *(B|KB|MB|GB|KiB|MiB|GiB|K|M|G)?$/i

/** Bytes as a number, or text such as `4 MiB`, `8GB` or `0x100000`. */
export const size = z.union([
  z.number().int().positive(),
  z.string().refine((text) => sizeBytes(text) > 0, { error: 'a size such as 64 MiB, 8GB or 0x100000' }),
])

/** A place on a disk, counted from its beginning and written as a size. */
export const place = z.union([
  z.number().int().min(0),
  z.string().refine((text) => sizeBytes(text) >= 0, { error: 'a place such as 8 KiB or 0x100000' }),
])

/** The bytes that a size says; NaN where it is none. */
export function sizeBytes(value: number | string): number {
  if (typeof value === 'number') return value
  const [, digits, unit = ''] = PATTERN.exec(value.trim()) ?? []
  const factor = Object.entries(UNITS).find(([name]) => name.toLowerCase() === unit.toLowerCase())?.[1] ?? 1
  return digits === undefined ? Number.NaN : Math.floor(Number(digits) * factor)
}
