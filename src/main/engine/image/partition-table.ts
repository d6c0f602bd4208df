import { readGpt } from './gpt.ts'
import { type ReadImage, bytesOf } from './image-bytes.ts'
import { isProtective, readMbr } from './mbr.ts'
import { type PartitionTable, checkPlaces } from './partition.ts'

/** The partitions of a disk image; null when its first sector holds no table. ARTIFACT_INVALID when it holds a damaged one. */
export async function readPartitionTable(read: ReadImage, sizeBytes: number): Promise<PartitionTable | null> {
  const first = await read(0, 512)
  if (first.byteLength < 512 || first.getUint16(510, true) !== 0xaa55) return null
  const table = isProtective(first) ? await readGpt(read, sizeBytes) : await readMbr(read, bytesOf(first))
  if (table) checkPlaces(table.partitions, sizeBytes)
  return table
}
