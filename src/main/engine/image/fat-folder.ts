import { shortNameSum, shownShortName } from './fat-names.ts'
import { type FatVolume, badFat, clusterAt } from './fat-volume.ts'
import { bytesOf } from './image-bytes.ts'

export const SLOT_BYTES = 32
/** No folder may be larger: that many entries have no number. */
const MAX_FOLDER_BYTES = 65_536 * SLOT_BYTES

export const REMOVED = 0xe5
export const ATTRIBUTE = { readOnly: 0x01, volume: 0x08, folder: 0x10, archive: 0x20 } as const
/** What marks a piece of a long name. */
export const LONG = 0x0f
/** Where the thirteen characters of a piece of a long name stand. */
export const UNITS_AT = [1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30] as const
/** Of the number of a piece: the last one, which comes first. */
export const LAST_PIECE = 0x40

/** A file or folder as its folder lists it. */
export interface FatEntry {
  name: string
  shortName: Uint8Array
  attributes: number
  /** 0 of an empty file. */
  firstCluster: number
  sizeBytes: number
  modifiedAt: number
  /** The slots of its long name and its own, which is the last. */
  slots: { first: number; last: number }
}

/** A folder whole: its bytes, where they lie, and what they list. */
export interface FatFolder {
  /** 0 is the root folder of FAT12 and 16. */
  firstCluster: number
  bytes: Uint8Array
  entries: FatEntry[]
}

/** Reads the folder that begins at a cluster; 0 is the root folder. ARTIFACT_INVALID when it is damaged. */
export async function readFolder(volume: FatVolume, firstCluster: number): Promise<FatFolder> {
  const first = firstCluster === 0 ? volume.rootCluster : firstCluster
  const bytes = first === 0 ? bytesOf(await volume.read(volume.rootAt, volume.rootBytes)) : await readChain(volume, first)
  return { firstCluster: first, bytes, entries: entriesOf(bytes, first) }
}

async function readChain(volume: FatVolume, first: number): Promise<Uint8Array> {
  const { clusterBytes, table } = volume
  const chain = table.chain(first, Math.ceil(MAX_FOLDER_BYTES / clusterBytes))
  const whole = new Uint8Array(chain.length * clusterBytes)
  for (const [index, cluster] of chain.entries()) {
    const part = bytesOf(await volume.read(clusterAt(volume, cluster), clusterBytes))
    if (part.length < clusterBytes) throw badFat(`the image ends before the end of cluster ${cluster}`)
    whole.set(part, index * clusterBytes)
  }
  return whole
}

/** The entries of a folder's bytes, without `.`, `..` and the volume's label. */
function entriesOf(bytes: Uint8Array, folder: number): FatEntry[] {
  const found: FatEntry[] = []
  let long = new LongName()
  for (let slot = 0; (slot + 1) * SLOT_BYTES <= bytes.length; slot++) {
    const part = bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)
    const [mark = 0] = part
    if (mark === 0) break
    if (mark === REMOVED) long = new LongName()
    else if (((part[11] ?? 0) & LONG) === LONG) long.add(part, slot)
    else {
      const entry = entryOf(part, slot, long)
      long = new LongName()
      if (entry && /[/\0]/.test(entry.name)) throw badFat(`the folder at cluster ${folder} has a name that no file can have`)
      // Else it would be taken for the root folder, which is 0 elsewhere.
      if (entry && (entry.attributes & ATTRIBUTE.folder) !== 0 && entry.firstCluster === 0)
        throw badFat(`the folder ${entry.name} begins nowhere`)
      if (entry) found.push(entry)
    }
  }
  return found
}

function entryOf(part: Uint8Array, slot: number, long: LongName): FatEntry | null {
  const view = new DataView(part.buffer, part.byteOffset, SLOT_BYTES)
  const shortName = part.slice(0, 11)
  const attributes = view.getUint8(11)
  // `.` and `..` are the only short names that begin so.
  if ((attributes & ATTRIBUTE.volume) !== 0 || shortName[0] === 0x2e) return null
  const longName = long.nameFor(shortName, slot)
  return {
    ...{ shortName, attributes },
    name: longName ?? shownShortName(shortName, view.getUint8(12)),
    firstCluster: view.getUint16(20, true) * 0x1_0000 + view.getUint16(26, true),
    sizeBytes: (attributes & ATTRIBUTE.folder) !== 0 ? 0 : view.getUint32(28, true),
    modifiedAt: timeOf(view.getUint16(24, true), view.getUint16(22, true)),
    slots: { first: longName === null ? slot : long.startsAt, last: slot },
  }
}

/** The pieces of a long name, the last one first, as they stand before the short one. What does not fit together is no name. */
class LongName {
  startsAt = 0
  #pieces: string[] = []
  #sum = -1
  #next = 0

  add(part: Uint8Array, slot: number): void {
    const view = new DataView(part.buffer, part.byteOffset, SLOT_BYTES)
    const number = view.getUint8(0)
    const isStart = (number & LAST_PIECE) !== 0
    if (isStart) {
      this.startsAt = slot
      this.#pieces = []
      this.#sum = view.getUint8(13)
      this.#next = number & 0x3f
    }
    if ((number & 0x3f) !== this.#next || view.getUint8(13) !== this.#sum || this.#next === 0) this.#next = -1
    else {
      this.#pieces.unshift(String.fromCharCode(...UNITS_AT.map((at) => view.getUint16(at, true))))
      this.#next -= 1
    }
  }

  /** The name, when all its pieces stand before the short name at `slot` and are made for it. */
  nameFor(shortName: Uint8Array, slot: number): string | null {
    if (this.#next !== 0 || this.#pieces.length !== slot - this.startsAt || this.#sum !== shortNameSum(shortName)) return null
    const whole = this.#pieces.join('')
    const end = whole.indexOf('\0')
    return (end < 0 ? whole : whole.slice(0, end)) || null
  }
}

/** Date and time as two 16-bit numbers; FAT says no time zone, and UTC is taken. */
function timeOf(date: number, time: number): number {
  const [year, month, day] = [1980 + (date >> 9), Math.max(1, (date >> 5) & 0xf), Math.max(1, date & 0x1f)]
  return Date.UTC(year, month - 1, day, time >> 11, (time >> 5) & 0x3f, (time & 0x1f) * 2)
}
