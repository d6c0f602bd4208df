import { FatTable, type FatWidth } from './fat-table.ts'
import { type ReadImage, badImage, bytesOf, hasBytes } from './image-bytes.ts'

/** The frame of a FAT12, 16 or 32 file system, after Microsoft's "FAT: General Overview of On-Disk Format". Positions are in bytes. */
export interface FatVolume {
  read: ReadImage
  width: FatWidth
  sectorBytes: number
  clusterBytes: number
  /** Clusters are numbered from 2 to clusterCount + 1. */
  clusterCount: number
  /** Where each copy of the table begins; the first is the one that is read. */
  tablesAt: number[]
  table: FatTable
  /** The root folder of FAT12 and 16; no bytes on FAT32, where it is a chain. */
  rootAt: number
  rootBytes: number
  /** 0 on FAT12 and 16. */
  rootCluster: number
  dataAt: number
  /** The sector with the count of free clusters; null where there is none. */
  countsAt: number | null
}

const FAT_HINT = 'Check the image with fsck.vfat, or make it again.'

/** The error of a FAT image that cannot be read. */
export function badFat(message: string): Error {
  return badImage(`FAT: ${message}`, FAT_HINT)
}

const BOOT_BYTES = 512
/** What Linux takes a file system for that has as many clusters at most. */
const MAX_FAT12 = 4084
const MAX_FAT16 = 65_524
const MAX_FAT32 = 0x0fff_fff4
/** A table is kept in memory whole. This one is that of a file system of 512 GiB with clusters of 32 KiB. */
const MAX_TABLE_BYTES = 64 << 20

/** Whether an image begins with a boot sector of FAT. */
export async function isFat(read: ReadImage): Promise<boolean> {
  const view = await read(0, BOOT_BYTES)
  if (view.byteLength < BOOT_BYTES || view.getUint16(510, true) !== 0xaa55) return false
  const [jump, sectorBytes, perCluster] = [view.getUint8(0), view.getUint16(11, true), view.getUint8(13)]
  const [reserved, tables, media] = [view.getUint16(14, true), view.getUint8(16), view.getUint8(21)]
  const hasJump = jump === 0xeb || jump === 0xe9
  return hasJump && isSector(sectorBytes) && isPowerOf2(perCluster) && reserved > 0 && tables > 0 && (media === 0xf0 || media >= 0xf8)
}

function isSector(bytes: number): boolean {
  return bytes >= 512 && bytes <= 4096 && isPowerOf2(bytes)
}

function isPowerOf2(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}

/** ARTIFACT_INVALID when it is none or is damaged. */
export async function openFat(read: ReadImage): Promise<FatVolume> {
  if (!(await isFat(read))) throw badFat('the image does not begin with its boot sector')
  const boot = await read(0, BOOT_BYTES)
  const frame = frameOf(boot)
  const { width, clusterCount, tableBytes, tablesAt, dataAt, clusterBytes } = frame
  if (!(await hasBytes(read, dataAt + clusterCount * clusterBytes)))
    throw badFat(`the file system has ${clusterCount} clusters of ${clusterBytes} bytes; its partition or image ends before`)
  const [tableAt = 0] = tablesAt
  const bytes = bytesOf(await read(tableAt, tableBytes))
  if (bytes.length < tableBytes) throw badFat('the image ends inside the table')
  return { ...frame, read, table: new FatTable(bytes, { width, clusterCount }) }
}

/** Positions that follow from the boot sector alone. */
function frameOf(boot: DataView): Omit<FatVolume, 'read' | 'table'> & { tableBytes: number } {
  const sectorBytes = boot.getUint16(11, true)
  const clusterBytes = boot.getUint8(13) * sectorBytes
  const reserved = boot.getUint16(14, true)
  const tableCount = boot.getUint8(16)
  const small = boot.getUint16(22, true)
  const isFat32 = small === 0
  const tableBytes = (isFat32 ? boot.getUint32(36, true) : small) * sectorBytes
  const rootBytes = isFat32 ? 0 : boot.getUint16(17, true) * 32
  const rootAt = reserved * sectorBytes + tableCount * tableBytes
  const dataAt = rootAt + Math.ceil(rootBytes / sectorBytes) * sectorBytes
  const totalBytes = (boot.getUint16(19, true) || boot.getUint32(32, true)) * sectorBytes
  const clusterCount = Math.floor((totalBytes - dataAt) / clusterBytes)
  const width = isFat32 ? 32 : clusterCount > MAX_FAT12 ? 16 : 12
  const most = { 12: MAX_FAT12, 16: MAX_FAT16, 32: MAX_FAT32 }[width]
  if (clusterCount < 1 || clusterCount > most) throw badFat(`${clusterCount} clusters`)
  if (tableBytes * 8 < (clusterCount + 2) * width) throw badFat(`a table of ${tableBytes} bytes for ${clusterCount} clusters`)
  if (tableBytes > MAX_TABLE_BYTES) throw badFat(`a table of ${tableBytes} bytes; up to ${MAX_TABLE_BYTES} are accepted`)
  if (!isFat32 && rootBytes === 0) throw badFat('the root folder has no room')
  const tablesAt = Array.from({ length: tableCount }, (_, index) => reserved * sectorBytes + index * tableBytes)
  return {
    ...{ width, sectorBytes, clusterBytes, clusterCount, tableBytes, rootAt, rootBytes, dataAt },
    ...(isFat32 ? fat32Of(boot, tablesAt, clusterCount) : { tablesAt, rootCluster: 0, countsAt: null }),
  }
}

function fat32Of(boot: DataView, tablesAt: number[], clusterCount: number): Pick<FatVolume, 'tablesAt' | 'rootCluster' | 'countsAt'> {
  const [flags, version] = [boot.getUint16(40, true), boot.getUint16(42, true)]
  const [rootCluster, counts] = [boot.getUint32(44, true), boot.getUint16(48, true)]
  if (version !== 0) throw badFat(`version ${version >> 8}.${version & 0xff} of FAT32`)
  if (rootCluster < 2 || rootCluster > clusterCount + 1) throw badFat(`the root folder is said to begin at cluster ${rootCluster}`)
  // Without mirroring only one of the tables holds.
  const active = tablesAt[flags & 0xf]
  if ((flags & 0x80) !== 0 && active === undefined) throw badFat(`table ${flags & 0xf} is said to be the active one`)
  const hasCounts = counts !== 0 && counts !== 0xffff
  return {
    rootCluster,
    tablesAt: (flags & 0x80) !== 0 && active !== undefined ? [active] : tablesAt,
    countsAt: hasCounts ? counts * boot.getUint16(11, true) : null,
  }
}

/** Where a cluster lies. */
export function clusterAt({ dataAt, clusterBytes }: FatVolume, cluster: number): number {
  return dataAt + (cluster - 2) * clusterBytes
}
