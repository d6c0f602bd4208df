import { AppError } from '../../contract/errors.ts'
import type { CardRole } from '../../contract/images.ts'
import type { GptPartition } from '../image/gpt.ts'
import { derivedGuid } from '../lib/identifiers.ts'

/** Where slot A stands among the partitions. */
export const SLOT_A = 1

export interface FramedPartition extends GptPartition {
  role: CardRole
}

export interface FrameWishes {
  table: 'gpt' | 'mbr'
  name: string
  diskId: string
  places: readonly { startBytes: number; sizeBytes: number }[]
  /** What was given, in the order of the partitions. */
  partuuids: readonly (string | undefined)[]
  labels: readonly (string | undefined)[]
  /** The file system of the boot partition as blkid calls it; empty where it is not known. */
  bootKind: string
  grows: boolean
}

const ROLES = ['boot', 'rootfs A', 'rootfs B', 'data'] as const
const NAMES = ['boot', 'rootfs-a', 'rootfs-b', 'data'] as const
const ESP = 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4'
/** Of an MBR, by the width of the FAT. */
const FAT_TYPES: Readonly<Record<string, string>> = { fat12: '01', fat16: '0e', fat32: '0c' }

/** The partitions of a card with all their identifiers. BAD_INPUT for one that its kind of table cannot have. */
export function frameOf(wishes: FrameWishes): { diskId: string; partitions: FramedPartition[] } {
  const { table, name, places, partuuids, labels, bootKind, grows } = wishes
  const diskId = wishes.diskId.toLowerCase()
  if ((diskId.length === 8) !== (table === 'mbr'))
    throw wrong(`diskId: ${diskId} is none of ${table === 'mbr' ? 'an MBR, which has eight digits' : 'a GPT, which has a GUID'}`)
  if (table === 'mbr' && partuuids.some((each) => each !== undefined)) throw wrong('partuuid: on an MBR it follows from diskId')
  const partitions = places.map(({ startBytes, sizeBytes }, index): FramedPartition => {
    const role = ROLES[index] ?? 'data'
    const isSlot = role === 'rootfs A' || role === 'rootfs B'
    const ownName = NAMES[index] ?? ''
    return {
      ...{ number: index + 1, role, startBytes, sizeBytes, isActive: index === 0, grows: grows && role === 'data' },
      type: typeOf(table, index === 0 ? bootKind : ''),
      uuid: table === 'gpt' ? (partuuids[index] ?? derivedGuid(name, role)).toLowerCase() : `${diskId}-0${index + 1}`,
      // The label of a slot is that of both.
      name: table === 'mbr' ? '' : isSlot ? ownName : (labels[index] ?? ownName),
    }
  })
  const twice = partitions.find(({ uuid }, index) => partitions.findIndex((each) => each.uuid === uuid) !== index)
  if (twice) throw wrong(`partuuid: ${twice.uuid} is given to two partitions`)
  return { diskId, partitions }
}

function typeOf(table: 'gpt' | 'mbr', kind: string): string {
  const isFat = kind.startsWith('fat')
  if (table === 'gpt') return isFat ? ESP : LINUX
  return isFat ? (FAT_TYPES[kind] ?? '0c') : '83'
}

function wrong(message: string): AppError {
  return new AppError('BAD_INPUT', message, 'Correct the layout, or leave it out.')
}
