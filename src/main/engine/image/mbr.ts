import { type ReadImage, bytesOf } from './image-bytes.ts'
import { type DiskWrite, type Partition, type PartitionTable, badTable, impossibleTable, wholeSectors } from './partition.ts'

/** The master boot record: four entries in the first sector, and a chain of records of the same shape for logical partitions. */
const SECTOR_BYTES = 512
const ENTRIES_AT = 446
const ENTRY_BYTES = 16
const DISK_ID_AT = 440
const ACTIVE = 0x80
const PROTECTIVE = 0xee
const EXTENDED: readonly number[] = [0x05, 0x0f, 0x85]
/** Linux stops at as many minor numbers. */
const MAX_LOGICAL = 256

interface Entry {
  status: number
  type: number
  /** In sectors; of a logical partition from the record that it stands in. */
  start: number
  count: number
}

function entriesOf(sector: Uint8Array): Entry[] {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength)
  return [0, 1, 2, 3].map((index) => {
    const at = ENTRIES_AT + index * ENTRY_BYTES
    const [status, type] = [view.getUint8(at), view.getUint8(at + 4)]
    return { status, type, start: view.getUint32(at + 8, true), count: view.getUint32(at + 12, true) }
  })
}

const isUsed = ({ type, count }: Entry): boolean => type !== 0 && count !== 0

/** Whether the record stands before a GPT, alone or beside partitions of its own. */
export function isProtective(sector: DataView): boolean {
  return entriesOf(bytesOf(sector)).some(({ type }) => type === PROTECTIVE)
}

/** null when the sector holds no partition that could be one. ARTIFACT_INVALID when the chain of logical partitions is damaged. */
export async function readMbr(read: ReadImage, sector: Uint8Array): Promise<PartitionTable | null> {
  const entries = entriesOf(sector)
  // Boot sectors of file systems end with the same signature, and have code where the table would be.
  if (!entries.some(isUsed) || entries.some(({ status }) => (status & ~ACTIVE) !== 0)) return null
  const diskId = new DataView(sector.buffer, sector.byteOffset).getUint32(DISK_ID_AT, true).toString(16).padStart(8, '0')
  const partitions: Partition[] = []
  const add = (entry: Entry, number: number, from: number): void => {
    partitions.push(partitionOf({ ...entry, start: from + entry.start }, number, diskId))
  }
  for (const [index, entry] of entries.entries()) if (isUsed(entry) && !EXTENDED.includes(entry.type)) add(entry, index + 1, 0)
  let next = 5
  for (const extended of entries.filter((entry) => isUsed(entry) && EXTENDED.includes(entry.type)))
    for await (const { entry, from } of logicalOf(read, extended)) add(entry, next++, from)
  return { kind: 'mbr', diskId, partitions, warnings: [] }
}

/** The logical partitions of an extended one: each record names one, and the record after it. */
async function* logicalOf(read: ReadImage, extended: Entry): AsyncGenerator<{ entry: Entry; from: number }, void, void> {
  const seen = new Set<number>()
  for (let from: number | null = extended.start; from !== null;) {
    const view = await read(from * SECTOR_BYTES, SECTOR_BYTES)
    if (view.byteLength < SECTOR_BYTES || view.getUint16(510, true) !== 0xaa55)
      throw badTable(`The record of logical partitions at sector ${from} is damaged`)
    if (seen.has(from) || seen.size === MAX_LOGICAL) throw badTable(`The logical partitions are listed again and again at sector ${from}`)
    seen.add(from)
    const entries = entriesOf(bytesOf(view))
    const logical = entries.find((entry) => isUsed(entry) && !EXTENDED.includes(entry.type))
    if (logical) yield { entry: logical, from }
    const link = entries.find((entry) => isUsed(entry) && EXTENDED.includes(entry.type))
    if (link && link.start >= extended.count)
      throw badTable(`The record of logical partitions at sector ${from} leads out of their partition`)
    from = link ? extended.start + link.start : null
  }
}

function partitionOf({ status, type, start, count }: Entry, number: number, diskId: string): Partition {
  return {
    number,
    startBytes: start * SECTOR_BYTES,
    sizeBytes: count * SECTOR_BYTES,
    type: type.toString(16).padStart(2, '0'),
    uuid: `${diskId}-${number.toString(16).padStart(2, '0')}`,
    name: '',
    isActive: status === ACTIVE,
  }
}

/** What a primary partition of a new table is. `number` is 1 to 4. */
export type MbrPartition = Pick<Partition, 'number' | 'startBytes' | 'sizeBytes' | 'type' | 'isActive'>

/** The first sector with up to four primary partitions, its first 440 bytes left to a boot loader. `diskId`: eight hexadecimal digits. */
export function encodeMbr(diskId: string, partitions: readonly MbrPartition[]): DiskWrite[] {
  const bytes = new Uint8Array(SECTOR_BYTES - DISK_ID_AT)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Number.parseInt(diskId, 16), true)
  for (const { number, startBytes, sizeBytes, type, isActive } of partitions)
    setEntry(view, number, {
      status: isActive ? ACTIVE : 0,
      type: Number.parseInt(type, 16),
      start: sectors(startBytes, number),
      count: sectors(sizeBytes, number),
    })
  view.setUint16(bytes.length - 2, 0xaa55, true)
  return [{ position: DISK_ID_AT, bytes }]
}

/** The record before a GPT: one partition over the whole disk, which keeps old tools away. */
export function encodeProtectiveMbr(diskSectors: number): DiskWrite {
  const bytes = new Uint8Array(SECTOR_BYTES - DISK_ID_AT)
  const view = new DataView(bytes.buffer)
  setEntry(view, 1, { status: 0, type: PROTECTIVE, start: 1, count: Math.min(diskSectors - 1, 0xffff_ffff) })
  // No cylinder for the end, as sfdisk has it.
  bytes.fill(0xff, ENTRIES_AT - DISK_ID_AT + 5, ENTRIES_AT - DISK_ID_AT + 8)
  view.setUint16(bytes.length - 2, 0xaa55, true)
  return { position: DISK_ID_AT, bytes }
}

function sectors(bytes: number, number: number): number {
  const count = wholeSectors(bytes, SECTOR_BYTES, number)
  if (count > 0xffff_ffff) throw impossibleTable(`Partition ${number} is beyond the 2 TiB that an MBR can say`)
  return count
}

function setEntry(view: DataView, number: number, { status, type, start, count }: Entry): void {
  const at = ENTRIES_AT - DISK_ID_AT + (number - 1) * ENTRY_BYTES
  view.setUint8(at, status)
  view.setUint8(at + 4, type)
  setCylinders(view, at + 1, start)
  setCylinders(view, at + 5, start + count - 1)
  view.setUint32(at + 8, start, true)
  view.setUint32(at + 12, count, true)
}

const HEADS = 255
const PER_TRACK = 63

/** A sector as cylinder, head and sector of the usual geometry; beyond its end the largest that there is. */
function setCylinders(view: DataView, at: number, sector: number): void {
  const cylinder = Math.floor(sector / (HEADS * PER_TRACK))
  const isBeyond = cylinder > 1023
  const head = isBeyond ? HEADS - 1 : Math.floor(sector / PER_TRACK) % HEADS
  const low = isBeyond ? PER_TRACK : (sector % PER_TRACK) + 1
  const column = isBeyond ? 1023 : cylinder
  view.setUint8(at, head)
  view.setUint8(at + 1, low | ((column >> 2) & 0xc0))
  view.setUint8(at + 2, column & 0xff)
}
