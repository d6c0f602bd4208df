import { crc32 } from 'node:zlib'
import { type ReadImage, bytesOf } from './image-bytes.ts'
import { encodeProtectiveMbr } from './mbr.ts'
import { type DiskWrite, type Partition, type PartitionTable, badTable, impossibleTable, wholeSectors } from './partition.ts'

/** The GUID partition table of UEFI (chapter 5): a header and its entries behind the first sector, and both again at the end. */
const SIGNATURE = 0x5452_4150_2049_4645n
const REVISION = 0x1_0000
const HEADER_BYTES = 92
const ENTRY_BYTES = 128
const ENTRY_COUNT = 128
/** UEFI: at least 16 KiB are kept for the entries. More than 1 MiB has nobody. */
const MAX_ENTRIES_BYTES = 1 << 20
/** No disk has as many sectors; bytes up to there are still exact numbers. */
const MAX_SECTOR = 2 ** 40
const SECTOR_SIZES = [512, 4096] as const
const NAME_UNITS = 36
const LEGACY_BOOT = 4n
/** Of the Discoverable Partitions Specification: the file system is to be grown to the size of its partition. */
const GROW_FILE_SYSTEM = 1n << 59n

interface Header {
  sectorBytes: number
  /** The sector in which the other copy stands. */
  other: number
  diskGuid: string
  first: number
  last: number
  entries: DataView
  entryBytes: number
}

/** ARTIFACT_INVALID when neither of the two copies is whole. One that is not is told in `warnings`. */
export async function readGpt(read: ReadImage, sizeBytes: number): Promise<PartitionTable> {
  const primary = await primaryOf(read)
  const sectorBytes = typeof primary === 'string' ? SECTOR_SIZES : [primary.sectorBytes]
  const backup = await backupOf(read, sizeBytes, sectorBytes)
  if (typeof primary === 'string' && typeof backup === 'string')
    throw badTable(`Both copies of the GPT are damaged: ${primary}; at the end ${backup}`)
  const found = typeof primary === 'string' ? backup : primary
  if (typeof found === 'string') throw badTable(found)
  const warnings =
    typeof primary === 'string'
      ? [`the first copy of the GPT is damaged: ${primary}`]
      : typeof backup === 'string'
        ? [await whyNotAtEnd(read, primary, backup)]
        : []
  return { kind: 'gpt', diskId: found.diskGuid.toLowerCase(), partitions: partitionsOf(found), warnings }
}

/** On a card that is larger than the image that was written to it, the second copy is where the image ended. */
async function whyNotAtEnd(read: ReadImage, { other, sectorBytes }: Header, problem: string): Promise<string> {
  if (typeof (await headerAt(read, other, sectorBytes)) === 'string') return `the copy of the GPT at the end is damaged: ${problem}`
  return `the copy of the GPT is not at the end but at byte ${other * sectorBytes}, as on a card that is larger than its image`
}

async function primaryOf(read: ReadImage): Promise<Header | string> {
  let why = ''
  for (const sectorBytes of SECTOR_SIZES) {
    const header = await headerAt(read, 1, sectorBytes)
    if (typeof header !== 'string') return header
    why ||= header
  }
  return why
}

async function backupOf(read: ReadImage, sizeBytes: number, sizes: readonly number[]): Promise<Header | string> {
  let why = 'there is none'
  for (const sectorBytes of sizes) {
    const header = await headerAt(read, Math.floor(sizeBytes / sectorBytes) - 1, sectorBytes)
    if (typeof header !== 'string') return header
    why = header
  }
  return why
}

/** The header at a sector, or what is wrong with it. */
async function headerAt(read: ReadImage, sector: number, sectorBytes: number): Promise<Header | string> {
  if (sector < 1) return 'the image is too small'
  const view = await read(sector * sectorBytes, sectorBytes)
  if (view.byteLength < sectorBytes || view.getBigUint64(0, true) !== SIGNATURE) return 'no signature'
  const headerBytes = view.getUint32(12, true)
  if (headerBytes < HEADER_BYTES || headerBytes > sectorBytes) return `a header of ${headerBytes} bytes`
  const bytes = Uint8Array.from(bytesOf(view).subarray(0, headerBytes))
  bytes.fill(0, 16, 20)
  if (crc32(bytes) !== view.getUint32(16, true)) return "the header's checksum is wrong"
  if (Number(view.getBigUint64(24, true)) !== sector) return 'the header says that it stands elsewhere'
  const [count, entryBytes] = [view.getUint32(80, true), view.getUint32(84, true)]
  if (entryBytes < ENTRY_BYTES || entryBytes % 8 !== 0 || count * entryBytes > MAX_ENTRIES_BYTES)
    return `${count} entries of ${entryBytes} bytes`
  const [other, first, last, entriesAt] = [sectorIn(view, 32), sectorIn(view, 40), sectorIn(view, 48), sectorIn(view, 72)]
  if (Math.max(other, first, last, entriesAt) > MAX_SECTOR) return 'it names a sector that no disk has'
  const entries = await read(entriesAt * sectorBytes, count * entryBytes)
  if (entries.byteLength < count * entryBytes || crc32(bytesOf(entries)) !== view.getUint32(88, true))
    return 'the checksum of the entries is wrong'
  return { sectorBytes, other, diskGuid: guidAt(view, 56), first, last, entries, entryBytes }
}

function sectorIn(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true))
}

const UNUSED = '00000000-0000-0000-0000-000000000000'

function partitionsOf({ entries, entryBytes, sectorBytes, first, last }: Header): Partition[] {
  const partitions: Partition[] = []
  for (let at = 0; at < entries.byteLength; at += entryBytes) {
    const type = guidAt(entries, at)
    if (type === UNUSED) continue
    const number = at / entryBytes + 1
    const [start, end] = [Number(entries.getBigUint64(at + 32, true)), Number(entries.getBigUint64(at + 40, true))]
    if (start < first || end < start || end > last)
      throw badTable(`Partition ${number} goes from sector ${start} to ${end}; partitions may lie between ${first} and ${last}`)
    partitions.push({
      number,
      startBytes: start * sectorBytes,
      sizeBytes: (end - start + 1) * sectorBytes,
      type,
      uuid: guidAt(entries, at + 16).toLowerCase(),
      name: nameAt(entries, at + 56),
      isActive: (entries.getBigUint64(at + 48, true) & LEGACY_BOOT) !== 0n,
    })
  }
  return partitions
}

/** The first three groups of a GUID are little endian numbers, the others bytes. */
const GUID_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const

function guidAt(view: DataView, at: number): string {
  const hex = GUID_ORDER.map((index) =>
    view
      .getUint8(at + index)
      .toString(16)
      .padStart(2, '0'),
  ).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-').toUpperCase()
}

function setGuid(view: DataView, at: number, guid: string): void {
  const bytes = guid.replaceAll('-', '').match(/[0-9a-f]{2}/gi) ?? []
  if (bytes.length !== 16) throw impossibleTable(`"${guid}" is not a GUID`)
  for (const [index, byte] of bytes.entries()) view.setUint8(at + (GUID_ORDER[index] ?? 0), Number.parseInt(byte, 16))
}

function nameAt(view: DataView, at: number): string {
  const units = Array.from({ length: NAME_UNITS }, (_, index) => view.getUint16(at + 2 * index, true))
  const end = units.indexOf(0)
  return String.fromCharCode(...units.slice(0, end < 0 ? NAME_UNITS : end))
}

/** `type` and `uuid` are GUIDs, in any case of letters. Bounds are whole sectors. */
export interface GptPartition extends Partition {
  /** Whether the file system is to be grown when the device starts. */
  grows?: boolean
}

/** What a new GPT is made of. GUIDs come in as values, so that the same disk can be made again. */
export interface GptSpec {
  diskGuid: string
  /** Of the whole disk. */
  sizeBytes: number
  partitions: readonly GptPartition[]
}

/** What of the disk's first and last 33 sectors no partition may use, in bytes (with sectors of 512 bytes). */
export const GPT_FRONT_BYTES = 34 * 512
export const GPT_END_BYTES = 33 * 512

/** Everything of a GPT with sectors of 512 bytes: protective MBR, header and entries, and their copies at the end. */
export function encodeGpt({ diskGuid, sizeBytes, partitions }: GptSpec): DiskWrite[] {
  const sectorBytes = 512
  const diskSectors = Math.floor(sizeBytes / sectorBytes)
  for (const { number, startBytes, sizeBytes: length } of partitions)
    if (startBytes < GPT_FRONT_BYTES || startBytes + length > diskSectors * sectorBytes - GPT_END_BYTES)
      throw impossibleTable(`Partition ${number} lies where the table itself has to be, or behind the end of the disk`)
  const entries = encodeEntries(partitions, sectorBytes)
  const entrySectors = entries.length / sectorBytes
  const header = (at: number, other: number, entriesAt: number): DiskWrite => ({
    position: at * sectorBytes,
    bytes: encodeHeader({ at, other, entriesAt, first: 2 + entrySectors, last: diskSectors - entrySectors - 2, diskGuid }, entries),
  })
  const end = diskSectors - 1
  return [
    encodeProtectiveMbr(diskSectors),
    header(1, end, 2),
    { position: 2 * sectorBytes, bytes: entries },
    { position: (end - entrySectors) * sectorBytes, bytes: entries },
    header(end, 1, end - entrySectors),
  ]
}

function encodeEntries(partitions: readonly GptPartition[], sectorBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(ENTRY_COUNT * ENTRY_BYTES)
  const view = new DataView(bytes.buffer)
  for (const { number, startBytes, sizeBytes, type, uuid, name, isActive, grows = false } of partitions) {
    const at = (number - 1) * ENTRY_BYTES
    if (name.length > NAME_UNITS) throw impossibleTable(`The name "${name}" of partition ${number} is longer than ${NAME_UNITS} characters`)
    setGuid(view, at, type)
    setGuid(view, at + 16, uuid)
    const start = wholeSectors(startBytes, sectorBytes, number)
    view.setBigUint64(at + 32, BigInt(start), true)
    view.setBigUint64(at + 40, BigInt(start + wholeSectors(sizeBytes, sectorBytes, number) - 1), true)
    view.setBigUint64(at + 48, (isActive ? LEGACY_BOOT : 0n) | (grows ? GROW_FILE_SYSTEM : 0n), true)
    for (let index = 0; index < name.length; index++) view.setUint16(at + 56 + 2 * index, name.charCodeAt(index), true)
  }
  return bytes
}

interface HeaderPlaces {
  at: number
  other: number
  entriesAt: number
  first: number
  last: number
  diskGuid: string
}

function encodeHeader({ at, other, entriesAt, first, last, diskGuid }: HeaderPlaces, entries: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(512)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, SIGNATURE, true)
  view.setUint32(8, REVISION, true)
  view.setUint32(12, HEADER_BYTES, true)
  for (const [place, sector] of [
    [24, at],
    [32, other],
    [40, first],
    [48, last],
    [72, entriesAt],
  ] as const)
    view.setBigUint64(place, BigInt(sector), true)
  setGuid(view, 56, diskGuid)
  view.setUint32(80, ENTRY_COUNT, true)
  view.setUint32(84, ENTRY_BYTES, true)
  view.setUint32(88, crc32(entries), true)
  view.setUint32(16, crc32(bytes.subarray(0, HEADER_BYTES)), true)
  return bytes
}
