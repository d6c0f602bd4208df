import { type CardRole, roleOnCard } from './card-layout.ts'
import type { FileSystem } from './file-system.ts'
import { type ReadImage, isBadImage } from './image-bytes.ts'
import { openFileSystem, partOf, readTable } from './open-file-system.ts'
import type { Partition, PartitionTable } from './partition.ts'
import { type UbootEnvironment, findUbootEnvironments } from './uboot-environment.ts'
import { type VolumeFacts, readVolumeFacts } from './volume-facts.ts'

/** A file system, and what Mender keeps in it. */
export interface FoundVolume extends VolumeFacts {
  /** Of /etc/mender/artifact_info; null where there is none. */
  artifactName: string | null
  /** Of /mender/device_type, which a device has in its data partition; null where there is none. */
  deviceType: string | null
}

export interface FoundPartition extends Partition {
  /** null where the card is not one of Mender's. */
  role: CardRole | null
  /** null where no file system is known. */
  fileSystem: FoundVolume | null
}

/** Bytes that belong to no partition. */
export interface Gap {
  startBytes: number
  sizeBytes: number
}

export interface ImageFacts {
  sizeBytes: number
  /** null where there are no partitions. */
  table: (Omit<PartitionTable, 'partitions'> & { partitions: FoundPartition[]; gaps: Gap[] }) | null
  /** Of an image that is one file system. */
  fileSystem: FoundVolume | null
  ubootEnvironments: UbootEnvironment[]
}

/** What an image is, whole or partition by partition. ARTIFACT_INVALID where its partition table is damaged. */
export async function inspectImage(read: ReadImage, sizeBytes: number): Promise<ImageFacts> {
  const table = await readTable(read, sizeBytes)
  if (!table) return { sizeBytes, table: null, fileSystem: await volumeIn(read), ubootEnvironments: [] }
  const volumes = new Map<Partition, FoundVolume | null>()
  for (const partition of table.partitions) volumes.set(partition, await volumeIn(partOf(read, partition)))
  const isMender = [...volumes.values()].some((volume) => volume !== null && (volume.artifactName ?? volume.deviceType) !== null)
  const partitions = table.partitions.map((partition) => ({
    ...partition,
    role: isMender ? roleOnCard(partition, table.partitions) : null,
    fileSystem: volumes.get(partition) ?? null,
  }))
  const gaps = gapsBetween(partitions, sizeBytes)
  const [front] = gaps
  const ubootEnvironments = front?.startBytes === 0 ? await findUbootEnvironments(read, front.sizeBytes) : []
  return { sizeBytes, table: { ...table, partitions, gaps }, fileSystem: null, ubootEnvironments }
}

export function gapsBetween(partitions: readonly Partition[], sizeBytes: number): Gap[] {
  const gaps: Gap[] = []
  let at = 0
  for (const { startBytes, sizeBytes: length } of partitions.toSorted((a, b) => a.startBytes - b.startBytes)) {
    if (startBytes > at) gaps.push({ startBytes: at, sizeBytes: startBytes - at })
    at = startBytes + length
  }
  if (sizeBytes > at) gaps.push({ startBytes: at, sizeBytes: sizeBytes - at })
  return gaps
}

async function volumeIn(read: ReadImage): Promise<FoundVolume | null> {
  const facts = await readVolumeFacts(read)
  if (!facts) return null
  try {
    const files = facts.problem === null ? await openFileSystem(read) : null
    const artifactName = await valueIn(files, '/etc/mender/artifact_info', 'artifact_name')
    return { ...facts, artifactName, deviceType: await valueIn(files, '/mender/device_type', 'device_type') }
  } catch (thrown) {
    if (!isBadImage(thrown)) throw thrown
    return { ...facts, problem: thrown.message, artifactName: null, deviceType: null }
  }
}

const MAX_TEXT_BYTES = 64 * 1024

/** The value of `key=value` in a small file; null where there is no such file or line. */
async function valueIn(files: FileSystem | null, path: string, key: string): Promise<string | null> {
  const facts = await files?.stat(path)
  if (!files || facts?.kind !== 'file' || facts.sizeBytes > MAX_TEXT_BYTES) return null
  const pieces: Uint8Array[] = []
  for await (const piece of files.content(path)) pieces.push(Uint8Array.from(piece))
  const line = Buffer.concat(pieces)
    .toString()
    .split('\n')
    .find((each) => each.startsWith(`${key}=`))
  return line?.slice(key.length + 1).trim() ?? null
}
