import { AppError } from '../../contract/errors.ts'
import { ATTRIBUTE, SLOT_BYTES } from './fat-folder.ts'
import { encodeEntry } from './fat-slots.ts'
import type { DiskWrite } from './partition.ts'

export interface FatSpec {
  /** Of the partition, whole sectors of 512 bytes. */
  sizeBytes: number
  /** 16 below 512 MiB and 32 from there on, when it is left out. */
  width?: 16 | 32 | undefined
  /** Up to eleven letters; empty for none. */
  label: string
  /** Eight hexadecimal digits, as `/dev/disk/by-uuid` shows them but for the dash. */
  volumeId: string
  /** The time of the label. */
  modifiedAt: number
  /** Where the partition begins on its disk, in bytes. */
  startBytes?: number | undefined
}

const SECTOR_BYTES = 512
const MEDIA = 0xf8
const TABLES = 2
const MIB = 1 << 20
const GIB = 2 ** 30
const FAT32_FROM = 512 * MIB

/** Sectors of a cluster by the size up to which it holds, as mkfs.fat and Windows choose. */
const PER_CLUSTER = {
  16: [
    [16 * MIB, 2],
    [128 * MIB, 4],
    [256 * MIB, 8],
    [512 * MIB, 16],
    [GIB, 32],
    [2 * GIB, 64],
  ],
  32: [
    [260 * MIB, 1],
    [8 * GIB, 8],
    [16 * GIB, 16],
    [32 * GIB, 32],
    [2 ** 41, 64],
  ],
} as const

/** How many clusters each kind must have and may have. */
const CLUSTERS = { 16: [4085, 65_524], 32: [65_525, 0x0fff_fff4] } as const

interface Frame {
  width: 16 | 32
  sectors: number
  reserved: number
  perCluster: number
  rootSectors: number
  tableSectors: number
}

/**
 * An empty FAT file system, the same bytes for the same values. What it does not write has to be zeros already, or means nothing.
 * BAD_INPUT where the size has no room for one of the wanted width, or too much.
 */
export function makeFat(spec: FatSpec): DiskWrite[] {
  const frame = frameOf(spec)
  const { width, reserved, tableSectors, rootSectors, perCluster } = frame
  const boot = bootSector(spec, frame)
  const table = firstEntries(tableSectors, width)
  const rootAt = reserved + TABLES * tableSectors
  const root = new Uint8Array((width === 32 ? perCluster : rootSectors) * SECTOR_BYTES)
  if (spec.label !== '') root.set(labelSlot(spec))
  const at = (sector: number, bytes: Uint8Array<ArrayBuffer>): DiskWrite => ({ position: sector * SECTOR_BYTES, bytes })
  const info = width === 32 ? [at(1, counts(frame)), at(6, boot), at(7, counts(frame))] : []
  return [at(0, boot), ...info, at(reserved, table), at(reserved + tableSectors, table), at(rootAt, root)]
}

function frameOf({ sizeBytes, width = sizeBytes < FAT32_FROM ? 16 : 32, label, volumeId }: FatSpec): Frame {
  if (!/^[\dA-Fa-f]{8}$/.test(volumeId)) throw impossible(`"${volumeId}" is not eight hexadecimal digits`)
  if (!/^[A-Z0-9 _!#$%&'()@^`{}~-]{0,11}$/.test(label))
    throw impossible(`"${label}" cannot be the label: up to eleven capital letters and digits`)
  const sectors = Math.floor(sizeBytes / SECTOR_BYTES)
  const [, perCluster = 0] = PER_CLUSTER[width].find(([most]) => sizeBytes <= most) ?? []
  if (perCluster === 0) throw impossible(`FAT${width} cannot be as large as ${sizeBytes} bytes`)
  const reserved = width === 32 ? 32 : 4
  const rootSectors = width === 32 ? 0 : 32
  const room = sectors - reserved - rootSectors
  // Each cluster takes its sectors, and its entry in both tables.
  const tableSectors = Math.ceil((room + 2 * perCluster) / ((SECTOR_BYTES * 8 * perCluster) / width + TABLES))
  const clusters = Math.floor((room - TABLES * tableSectors) / perCluster)
  const [least, most] = CLUSTERS[width]
  if (clusters < least || clusters > most)
    throw impossible(`${sizeBytes} bytes make ${Math.max(0, clusters)} clusters; FAT${width} has ${least} to ${most}`)
  return { width, sectors, reserved, perCluster, rootSectors, tableSectors }
}

function impossible(message: string): AppError {
  return new AppError('BAD_INPUT', message, 'Change the size or the label of the partition for it, which is the boot partition of a card.')
}

function bootSector({ label, volumeId, startBytes = 0 }: FatSpec, frame: Frame): Uint8Array<ArrayBuffer> {
  const { width, sectors, reserved, perCluster, rootSectors, tableSectors } = frame
  const bytes = new Uint8Array(SECTOR_BYTES)
  const view = new DataView(bytes.buffer)
  const isSmall = width === 16 && sectors < 0x1_0000
  bytes.set([0xeb, width === 32 ? 0x58 : 0x3c, 0x90])
  bytes.set(ascii('OTABENCH'), 3)
  view.setUint16(11, SECTOR_BYTES, true)
  view.setUint8(13, perCluster)
  view.setUint16(14, reserved, true)
  view.setUint8(16, TABLES)
  view.setUint16(17, rootSectors * 16, true)
  view.setUint16(19, isSmall ? sectors : 0, true)
  view.setUint8(21, MEDIA)
  view.setUint16(22, width === 16 ? tableSectors : 0, true)
  view.setUint16(24, 63, true)
  view.setUint16(26, 255, true)
  view.setUint32(28, startBytes / SECTOR_BYTES, true)
  view.setUint32(32, isSmall ? 0 : sectors, true)
  if (width === 32) {
    view.setUint32(36, tableSectors, true)
    view.setUint32(44, 2, true)
    view.setUint16(48, 1, true)
    view.setUint16(50, 6, true)
  }
  const extended = width === 32 ? 64 : 36
  view.setUint8(extended, 0x80)
  view.setUint8(extended + 2, 0x29)
  view.setUint32(extended + 3, Number.parseInt(volumeId, 16), true)
  bytes.set(ascii((label || 'NO NAME').padEnd(11)), extended + 7)
  bytes.set(ascii(`FAT${width}   `), extended + 18)
  // Nothing to start: the processor stops.
  bytes.set([0xf4, 0xeb, 0xfd], extended + 26)
  view.setUint16(510, 0xaa55, true)
  return bytes
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0))
}

/** The table with its first entries: the kind of medium, the flags of a clean file system, and the root folder of FAT32. */
function firstEntries(sectors: number, width: 16 | 32): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sectors * SECTOR_BYTES)
  if (width === 16) bytes.set([MEDIA, 0xff, 0xff, 0xff])
  else bytes.set([MEDIA, 0xff, 0xff, 0x0f, 0xff, 0xff, 0xff, 0x0f, 0xf8, 0xff, 0xff, 0x0f])
  return bytes
}

/** FAT32's sector with the number of free clusters. */
function counts({ sectors, reserved, tableSectors, perCluster }: Frame): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SECTOR_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, 0x4161_5252, true)
  view.setUint32(484, 0x6141_7272, true)
  // All but the root folder's.
  view.setUint32(488, Math.floor((sectors - reserved - TABLES * tableSectors) / perCluster) - 1, true)
  view.setUint32(492, 3, true)
  view.setUint32(508, 0xaa55_0000, true)
  return bytes
}

function labelSlot({ label, modifiedAt }: FatSpec): Uint8Array {
  const slot = encodeEntry({ attributes: ATTRIBUTE.volume, firstCluster: 0, sizeBytes: 0, modifiedAt })
  slot.set(ascii(label.padEnd(11)))
  return slot.subarray(0, SLOT_BYTES)
}
