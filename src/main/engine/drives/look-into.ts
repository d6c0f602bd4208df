import type { Drive, MenderOnDrive } from '../../contract/drives.ts'
import { AppError } from '../../contract/errors.ts'
import type { ImageFacts } from '../../contract/images.ts'
import type { FileStat, Host, HostFile } from '../host.ts'
import { type ReadImage, isBadImage } from '../image/image-bytes.ts'
import { inspectImage } from '../image/image-facts.ts'
import { readVolumeFacts } from '../image/volume-facts.ts'
import type { Changes } from '../lib/changes.ts'
import { readerOf } from '../lib/image-file.ts'
import type { Disk, Volume } from '../safety/facts.ts'
import { signatureOf } from '../safety/signatures.ts'

/** A disk with what lies on it, as far as it may be read. */
export interface LookedInto {
  disk: Disk
  mender: MenderOnDrive | null
}

/** Reads what is on drives. Keeps it until another medium is in, or it was written. */
export interface Looker {
  /** What is known within a moment; `changes` is bumped when there is more. */
  atOnce(disk: Disk): Promise<LookedInto>
  /** What its volumes are, read anew; nothing else of what is on it. */
  now(disk: Disk): Promise<LookedInto>
}

interface Look {
  key: string
  looking: Promise<LookedInto>
  found: LookedInto | null
}

/** A slow or broken card must not hold up the list. */
export const PATIENCE_MS = 700

export function createLooker({ files, clock }: Pick<Host, 'files' | 'clock'>, changes: Changes): Looker {
  const kept = new Map<string, Look>()
  function look(disk: Disk): Look {
    const key = JSON.stringify([disk.identity, disk.writeCount])
    const before = kept.get(disk.identity.path)
    if (before?.key === key) return before
    const entry: Look = { key, looking: lookInto(files, disk, menderOn), found: null }
    kept.set(disk.identity.path, entry)
    void entry.looking.then((found) => (entry.found = found))
    return entry
  }
  return {
    async atOnce(disk) {
      const { looking, found } = look(disk)
      if (found) return { ...found, disk: { ...disk, volumes: found.disk.volumes } }
      const waited = new AbortController()
      const quick = await Promise.race([looking, clock.sleep(PATIENCE_MS, waited.signal).catch(() => undefined)])
      waited.abort()
      if (quick) return quick
      void looking.then(() => changes.bump())
      return { disk, mender: null }
    },
    now: (disk) => lookInto(files, disk, async () => null),
  }
}

/** What cannot be read is left as udev has described it. */
async function lookInto(files: Host['files'], disk: Disk, readMender: typeof menderOn): Promise<LookedInto> {
  if (disk.identity.sizeBytes === 0) return { disk, mender: null }
  try {
    await using file = await files.open(disk.identity.path, 'read')
    const volumes: Volume[] = []
    for (const volume of disk.volumes) volumes.push(await identified(file, volume))
    return { disk: { ...disk, volumes }, mender: await readMender(file, disk) }
  } catch (thrown) {
    if (thrown instanceof AppError) return { disk, mender: null }
    throw thrown
  }
}

async function identified(file: HostFile, volume: Volume): Promise<Volume> {
  if (volume.fileSystem !== '' || volume.sizeBytes === 0) return volume
  const read = partOf(file, volume)
  const signature = await signatureOf(read, volume.sizeBytes)
  if (signature !== '') return { ...volume, fileSystem: signature }
  const facts = await readVolumeFacts(read)
  return facts ? { ...volume, fileSystem: blkidName(facts.kind), label: facts.label } : volume
}

/** Reads within a volume, so that nothing of its neighbours is taken for its own. */
function partOf(file: HostFile, { startBytes, sizeBytes }: Volume): ReadImage {
  const read = readerOf(file)
  return Object.assign(
    async (position: number, length: number) => read(startBytes + position, Math.max(0, Math.min(length, sizeBytes - position))),
    { sizeBytes },
  )
}

/** Only on what may be a card: nothing else of Mender's is looked for on people's disks. */
async function menderOn(file: HostFile, { isRemovable, bus, identity, volumes }: Disk): Promise<MenderOnDrive | null> {
  const isPlugged = isRemovable || bus === 'usb' || bus === 'loop'
  if (!isPlugged || volumes.length === 1) return null
  return menderIn(await partitionsIn(file, identity.sizeBytes))
}

/** Answers how to learn what is on files that play drives; each is read anew when it was written. */
export function fileLooker(files: Host['files']): (path: string, stat: FileStat) => ReturnType<typeof lookIntoFile> {
  const looked = new Map<string, { at: number; contents: ReturnType<typeof lookIntoFile> }>()
  return (path, { modifiedAt: at }) => {
    const before = looked.get(path)
    if (before?.at === at) return before.contents
    const contents = lookIntoFile(files, path)
    looked.set(path, { at, contents })
    return contents
  }
}

async function lookIntoFile(files: Host['files'], path: string): Promise<Pick<Drive, 'partitions' | 'mender'>> {
  await using file = await files.open(path, 'read')
  const found = await partitionsIn(file, await file.sizeBytes())
  const partitions = found.map(({ number, sizeBytes, fileSystem }) => ({
    ...{ path, number, sizeBytes, label: fileSystem?.label ?? '', fileSystem: fileSystem ? blkidName(fileSystem.kind) : '', mountedAt: [] },
  }))
  return { partitions, mender: menderIn(found) }
}

type FoundPartition = NonNullable<ImageFacts['table']>['partitions'][number]

/** None where the partition table is damaged, or there is none. */
async function partitionsIn(file: HostFile, sizeBytes: number): Promise<FoundPartition[]> {
  try {
    return (await inspectImage(readerOf(file), sizeBytes)).table?.partitions ?? []
  } catch (thrown) {
    if (isBadImage(thrown)) return []
    throw thrown
  }
}

function menderIn(partitions: readonly FoundPartition[]): MenderOnDrive | null {
  const all = partitions.flatMap(({ fileSystem }) => fileSystem ?? [])
  const [artifactName = ''] = all.flatMap((volume) => volume.artifactName ?? [])
  const [deviceType = ''] = all.flatMap((volume) => volume.deviceType ?? [])
  return artifactName === '' && deviceType === '' ? null : { artifactName, deviceType }
}

function blkidName(kind: string): string {
  return kind.startsWith('fat') ? 'vfat' : kind
}
