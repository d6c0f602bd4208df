import type { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { partition } from '../../contract/images.ts'
import { badImage } from './image-bytes.ts'

export type Partition = z.infer<typeof partition>

export interface PartitionTable {
  kind: 'mbr' | 'gpt'
  /** The identifier of the disk: eight hexadecimal digits, or a GUID in small letters. */
  diskId: string
  /** In the order of their numbers. */
  partitions: Partition[]
  /** What is wrong though everything can be read, in words: one of the two copies of a GPT. */
  warnings: string[]
}

/** Bytes to put at a place of a disk. */
export interface DiskWrite {
  position: number
  bytes: Uint8Array<ArrayBuffer>
}

const PARTITIONS_HINT = 'Look at the image with sfdisk --verify, or make it again.'

/** ARTIFACT_INVALID: a table that no disk can have. */
export function badTable(message: string): Error {
  return badImage(message, PARTITIONS_HINT)
}

/** ARTIFACT_INVALID when a partition reaches out of the disk or into another. */
export function checkPlaces(partitions: readonly Partition[], sizeBytes: number): void {
  let [last, endsAt] = [0, 0]
  for (const { number, startBytes, sizeBytes: length } of partitions.toSorted((a, b) => a.startBytes - b.startBytes)) {
    if (startBytes < endsAt) throw badTable(`Partition ${number} begins at byte ${startBytes}, inside partition ${last}`)
    ;[last, endsAt] = [number, startBytes + length]
    if (endsAt > sizeBytes) throw badTable(`Partition ${number} ends at byte ${endsAt}; the image has ${sizeBytes}`)
  }
}

/** BAD_INPUT: a table that is to be written and cannot be. */
export function impossibleTable(message: string): AppError {
  return new AppError('BAD_INPUT', message, 'Place the partitions anew.')
}

/** How many sectors a number of bytes is; BAD_INPUT where they are not whole. */
export function wholeSectors(bytes: number, sectorBytes: number, number: number): number {
  const count = bytes / sectorBytes
  if (!Number.isSafeInteger(count) || count < 0) throw impossibleTable(`Partition ${number}: ${bytes} bytes are not whole sectors`)
  return count
}
