import { AppError } from '../../contract/errors.ts'
import { GPT_END_BYTES, GPT_FRONT_BYTES } from '../image/gpt.ts'

/** Bytes of a card outside of its partitions. */
export interface Area {
  what: string
  startBytes: number
  sizeBytes: number
}

export interface PlacedCard {
  sizeBytes: number
  /** In the order of the wishes. */
  places: { startBytes: number; sizeBytes: number }[]
}

export interface CardWishes {
  table: 'gpt' | 'mbr'
  /** null: as large as its partitions. */
  sizeBytes: number | null
  alignBytes: number
  /** Where the first partition begins at the earliest; null: behind the areas. */
  startBytes: number | null
  /** Of each partition in order; `fill` shares what is left. */
  sizes: readonly (number | 'fill')[]
  areas: readonly Area[]
}

const SECTOR_BYTES = 512
/** The boot code of the first sector, which no table uses. */
const CODE_BYTES = 440

/** Places partitions one behind the other, each aligned. BAD_INPUT where they do not fit, or areas lie in each other's way. */
export function placeOnCard({ table, sizeBytes, alignBytes, startBytes, sizes, areas }: CardWishes): PlacedCard {
  if (alignBytes % SECTOR_BYTES !== 0) throw impossible(`align: ${alignBytes} bytes are not whole sectors of ${SECTOR_BYTES}`)
  const tableEnd = table === 'gpt' ? GPT_FRONT_BYTES : SECTOR_BYTES
  const endBytes = table === 'gpt' ? GPT_END_BYTES : 0
  checkAreas(areas, tableEnd)
  const areasEnd = Math.max(tableEnd, ...areas.map((area) => area.startBytes + area.sizeBytes))
  const up = (bytes: number): number => Math.ceil(bytes / alignBytes) * alignBytes
  const first = up(startBytes ?? areasEnd)
  if (first < areasEnd) throw impossible(`start: partitions would begin at byte ${first}, before the end of ${lastOf(areas, 'the table')}`)
  const fixed = sizes.reduce<number>((sum, size) => sum + (size === 'fill' ? 0 : up(size)), first)
  const fills = sizes.filter((size) => size === 'fill').length
  if (fills > 0 && sizeBytes === null) throw impossible('size: a partition fills the card, but how large the card is is not said')
  const whole = sizeBytes === null ? fixed + up(endBytes) : Math.floor(sizeBytes / SECTOR_BYTES) * SECTOR_BYTES
  const left = whole - endBytes - fixed
  const share = fills === 0 ? 0 : Math.floor(left / fills / alignBytes) * alignBytes
  if (left < 0 || (fills > 0 && share <= 0))
    throw impossible(`size: the card has ${whole} bytes; its partitions need ${fixed + endBytes + (fills > 0 ? fills * alignBytes : 0)}`)
  let at = first
  const places = sizes.map((size) => {
    const place = { startBytes: at, sizeBytes: size === 'fill' ? share : up(size) }
    at += place.sizeBytes
    return place
  })
  return { sizeBytes: whole, places }
}

function checkAreas(areas: readonly Area[], tableEnd: number): void {
  const taken: Area[] = [{ what: 'the partition table', startBytes: CODE_BYTES, sizeBytes: tableEnd - CODE_BYTES }]
  for (const area of areas) {
    const other = taken.find(
      (each) => each.startBytes < area.startBytes + area.sizeBytes && area.startBytes < each.startBytes + each.sizeBytes,
    )
    if (other)
      throw impossible(
        `${area.what} (bytes ${area.startBytes} to ${area.startBytes + area.sizeBytes - 1}) lies in the way of ${other.what}`,
      )
    taken.push(area)
  }
}

function lastOf(areas: readonly Area[], none: string): string {
  const end = ({ startBytes, sizeBytes }: Area): number => startBytes + sizeBytes
  return areas.toSorted((a, b) => end(b) - end(a))[0]?.what ?? none
}

function impossible(message: string): AppError {
  return new AppError('BAD_INPUT', message, 'Change the sizes or places of the layout.')
}
