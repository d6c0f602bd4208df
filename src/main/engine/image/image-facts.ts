import type { FoundVolume, Gap, ImageFacts } from '../../contract/images.ts'
import { bootStateOf } from './boot-state.ts'
import { roleOnCard } from './card-layout.ts'
import type { FileSystem } from './file-system.ts'
import { findGrubEnvironment } from './find-grub-environment.ts'
import { type ReadImage, isBadImage, linuxText } from './image-bytes.ts'
import { openFileSystem, partOf, readTable } from './open-file-system.ts'
import type { Partition } from './partition.ts'
import { smallFile } from './small-file.ts'
import { findUbootEnvironments } from './uboot-environment.ts'
import { signatureOf } from '../safety/signatures.ts'
import { readVolumeFacts } from './volume-facts.ts'

/** What an image is, whole or partition by partition. ARTIFACT_INVALID where its partition table is damaged. */
export async function inspectImage(read: ReadImage, sizeBytes: number): Promise<ImageFacts> {
  const table = await readTable(read, sizeBytes)
  if (!table) return bareFacts(await volumeIn(read), sizeBytes)
  const found: { partition: Partition; fileSystem: FoundVolume | null; otherKind: string }[] = []
  for (const partition of table.partitions) {
    const part = partOf(read, partition)
    const fileSystem = await volumeIn(part)
    found.push({ partition, fileSystem, otherKind: fileSystem === null ? await signatureOf(part, partition.sizeBytes) : '' })
  }
  const isMender = found.some(({ fileSystem }) => fileSystem !== null && (fileSystem.artifactName ?? fileSystem.deviceType) !== null)
  const partitions = found.map(({ partition, ...what }) => ({
    ...{ ...partition, ...what },
    role: isMender ? roleOnCard(partition, table.partitions) : null,
  }))
  const gaps = gapsBetween(partitions, sizeBytes)
  const [front] = gaps
  const ubootEnvironments = front?.startBytes === 0 ? await findUbootEnvironments(read, front.sizeBytes) : []
  const grubEnvironment = await grubIn(
    read,
    partitions.filter(({ role, fileSystem }) => role === 'boot' || fileSystem?.kind.startsWith('fat')),
  )
  const variables = { ...grubEnvironment?.variables, ...ubootEnvironments.find(({ isCurrent }) => isCurrent)?.variables }
  const boot = bootStateOf(
    variables,
    partitions.map(({ number }) => number),
  )
  return { sizeBytes, table: { ...table, partitions, gaps }, fileSystem: null, ubootEnvironments, grubEnvironment, boot }
}

function bareFacts(fileSystem: FoundVolume | null, sizeBytes: number): ImageFacts {
  return { sizeBytes, table: null, fileSystem, ubootEnvironments: [], grubEnvironment: null, boot: null }
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

/** The value of `key=value` in a small file; null where there is no such file or line. */
async function valueIn(files: FileSystem | null, path: string, key: string): Promise<string | null> {
  const bytes = files && (await smallFile(files, path))
  const line = bytes
    ? linuxText(bytes)
        .split('\n')
        .find((each) => each.startsWith(`${key}=`))
    : undefined
  return line?.slice(key.length + 1).trim() ?? null
}

/** GRUB's environment in the first of the partitions that has one. What cannot be read has none. */
async function grubIn(read: ReadImage, partitions: readonly Partition[]): Promise<ImageFacts['grubEnvironment']> {
  for (const partition of partitions) {
    try {
      const files = await openFileSystem(partOf(read, partition))
      const found = files && (await findGrubEnvironment(files))
      if (found) return { partition: partition.number, ...found }
    } catch (thrown) {
      // Its volume says what is wrong with it.
      if (!isBadImage(thrown)) throw thrown
    }
  }
  return null
}
