import { type FatEntry, type FatFolder, ATTRIBUTE, LAST_PIECE, LONG, REMOVED, SLOT_BYTES, UNITS_AT } from './fat-folder.ts'
import { foldedName, shortNameSum } from './fat-names.ts'
import { exactShortName, numberedShortName } from './fat-new-names.ts'

/** What a folder says of a file besides its name; times are those of `modifiedAt`. */
export interface EntryFacts {
  attributes: number
  firstCluster: number
  sizeBytes: number
  modifiedAt: number
}

/** The 32 bytes of a file in its folder, still without a name. */
export function encodeEntry({ attributes, firstCluster, sizeBytes, modifiedAt }: EntryFacts): Uint8Array {
  const slot = new Uint8Array(SLOT_BYTES)
  const { date, time } = storedTime(modifiedAt)
  const view = new DataView(slot.buffer)
  view.setUint16(14, time, true)
  view.setUint16(16, date, true)
  view.setUint16(18, date, true)
  change(slot, { attributes, firstCluster, sizeBytes, modifiedAt })
  return slot
}

/** Changes what is given in the 32 bytes of a file. */
export function change(slot: Uint8Array, { attributes, firstCluster, sizeBytes, modifiedAt }: Partial<EntryFacts>): void {
  const view = new DataView(slot.buffer, slot.byteOffset, SLOT_BYTES)
  if (attributes !== undefined) view.setUint8(11, attributes)
  if (sizeBytes !== undefined) view.setUint32(28, sizeBytes, true)
  if (firstCluster !== undefined) {
    view.setUint16(20, firstCluster >>> 16, true)
    view.setUint16(26, firstCluster & 0xffff, true)
  }
  if (modifiedAt === undefined) return
  const { date, time } = storedTime(modifiedAt)
  view.setUint16(22, time, true)
  view.setUint16(24, date, true)
}

/** Date and time as two 16-bit numbers in UTC; what lies before 1980 or after 2107 becomes the nearest that can be said. */
function storedTime(at: number): { date: number; time: number } {
  const when = new Date(Math.min(Math.max(at, Date.UTC(1980, 0, 1)), Date.UTC(2107, 11, 31, 23, 59, 58)))
  const date = ((when.getUTCFullYear() - 1980) << 9) | ((when.getUTCMonth() + 1) << 5) | when.getUTCDate()
  return { date, time: (when.getUTCHours() << 11) | (when.getUTCMinutes() << 5) | (when.getUTCSeconds() >> 1) }
}

/** The bytes of a new folder's first cluster: itself and the one above, which is 0 for the root folder. */
export function encodeFolder(
  clusterBytes: number,
  { own, above, modifiedAt }: { own: number; above: number; modifiedAt: number },
): Uint8Array {
  const bytes = new Uint8Array(clusterBytes)
  for (const [index, firstCluster] of [own, above].entries()) {
    const slot = encodeEntry({ attributes: ATTRIBUTE.folder, firstCluster, sizeBytes: 0, modifiedAt })
    slot.fill(0x20, 0, 11).fill(0x2e, 0, index + 1)
    bytes.set(slot, index * SLOT_BYTES)
  }
  return bytes
}

/** The slots that a file of this name takes in a folder, its long name before the slot itself. */
export function namedSlots({ entries }: FatFolder, name: string, slot: Uint8Array): Uint8Array {
  const taken = new Set(entries.map(({ shortName }) => shortName.join()))
  const isTaken = (stored: Uint8Array): boolean => taken.has(stored.join())
  // Boot ROMs look for BOOTCODE.BIN and know of no long names: as Linux and Windows do, only what does not fit gets a number.
  const capitals = exactShortName(foldedName(name))
  const shortName = capitals && !isTaken(capitals) ? capitals : numberedShortName(name, isTaken)
  const isExact = shortName === capitals && name === foldedName(name)
  const named = Uint8Array.from(slot)
  named.set(shortName)
  // Bits that would show the name in small letters.
  named[12] = 0
  return isExact ? named : Buffer.concat([longName(name, shortNameSum(shortName)), named])
}

const PIECE_UNITS = UNITS_AT.length

function longName(name: string, sum: number): Uint8Array {
  const count = Math.ceil(name.length / PIECE_UNITS)
  const bytes = new Uint8Array(count * SLOT_BYTES)
  const view = new DataView(bytes.buffer)
  for (let number = count; number > 0; number--) {
    const at = (count - number) * SLOT_BYTES
    view.setUint8(at, number === count ? number | LAST_PIECE : number)
    view.setUint8(at + 11, LONG)
    view.setUint8(at + 13, sum)
    for (const [index, place] of UNITS_AT.entries()) {
      const unit = (number - 1) * PIECE_UNITS + index
      view.setUint16(at + place, unit < name.length ? name.charCodeAt(unit) : unit === name.length ? 0 : 0xffff, true)
    }
  }
  return bytes
}

/** The first of `count` free slots side by side; null when the folder has to grow. */
export function freeSlots({ bytes }: FatFolder, count: number): number | null {
  const slots = bytes.length / SLOT_BYTES
  let free = 0
  for (let slot = 0; slot < slots; slot++) {
    const mark = bytes[slot * SLOT_BYTES]
    if (mark === 0) return slot - free + count <= slots ? slot - free : null
    free = mark === REMOVED ? free + 1 : 0
    if (free === count) return slot - free + 1
  }
  return null
}

/** How many slots at the end of a folder are free. */
export function freeTail({ bytes }: FatFolder): number {
  const slots = bytes.length / SLOT_BYTES
  let free = 0
  for (let slot = 0; slot < slots; slot++) {
    const mark = bytes[slot * SLOT_BYTES]
    if (mark === 0) return slots - slot + free
    free = mark === REMOVED ? free + 1 : 0
  }
  return free
}

/** The slot of a file itself, in its folder's bytes. */
export function slotOf({ bytes }: FatFolder, { slots }: FatEntry): Uint8Array {
  return bytes.subarray(slots.last * SLOT_BYTES, (slots.last + 1) * SLOT_BYTES)
}
