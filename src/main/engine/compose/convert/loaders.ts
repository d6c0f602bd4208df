import { GPT_FRONT_BYTES } from '../../image/gpt.ts'
import { bytesOf } from '../../image/image-bytes.ts'
import { readerOf } from '../../lib/image-file.ts'
import type { AreaRecipe } from '../recipe.ts'
import type { SingleCard } from './single-card.ts'

const CODE_BYTES = 440
const SECTOR_BYTES = 512
const FRONT = { mbr: SECTOR_BYTES, gpt: GPT_FRONT_BYTES } as const

export interface Loaders {
  /** What has to be copied to the same places. */
  areas: AreaRecipe[]
  /** Where nothing of them is any more. */
  endBytes: number
  warnings: string[]
}

/**
 * What lies in front of the first partition that is kept: boot code, SPL, U-Boot, and the partitions that some boards have for them, which
 * lose their entries in the table.
 */
export async function loadersOf({ file, table, root, boot, left }: SingleCard, newTable: 'gpt' | 'mbr'): Promise<Loaders> {
  if (!table) return { areas: [], endBytes: 1 << 20, warnings: [] }
  const path = root.region.path
  const endBytes = Math.min(root.region.startBytes, boot?.region.startBytes ?? Number.POSITIVE_INFINITY)
  const front = Math.max(FRONT[table.kind], FRONT[newTable])
  const pieces = [
    { what: 'boot code', startBytes: 0, sizeBytes: CODE_BYTES },
    { what: 'boot loaders', startBytes: front, sizeBytes: endBytes - front },
  ].filter(({ sizeBytes }) => sizeBytes > 0)
  const areas: AreaRecipe[] = []
  const read = readerOf(file)
  for (const piece of pieces) {
    const { startBytes, sizeBytes } = piece
    if (await hasBytes(read, piece)) areas.push({ ...piece, from: { region: { path, startBytes, sizeBytes } } })
  }
  const warnings = left.map(({ number, name, startBytes }) =>
    startBytes < endBytes
      ? `partition ${number}${named(name)} is copied as a boot loader, and is no partition any more`
      : `partition ${number}${named(name)} is left behind`,
  )
  return { areas, endBytes, warnings }
}

const named = (name: string): string => (name === '' ? '' : ` (${name})`)

async function hasBytes(
  read: ReturnType<typeof readerOf>,
  { startBytes, sizeBytes }: { startBytes: number; sizeBytes: number },
): Promise<boolean> {
  for (let at = 0; at < sizeBytes; at += 1 << 20) {
    const bytes = bytesOf(await read(startBytes + at, Math.min(1 << 20, sizeBytes - at)))
    if (bytes.some((byte) => byte !== 0)) return true
  }
  return false
}
