import type { Mount, Volume } from './facts.ts'

/** Asks macOS for all disks, as JSON. What it runs lies where only root writes. */
export const LIST_DISKS = asJson('list -plist')
/** The same of one disk, whose name is still to be added: `disk4`. */
export const TELL_DISK = asJson('info -plist "$0"')

function asJson(asked: string): readonly string[] {
  return ['/bin/sh', '-c', `/usr/sbin/diskutil ${asked} | /usr/bin/plutil -convert json -o - -`]
}

/** What lies on the disks of a Mac. */
export interface MacDisks {
  /** Partitions by the name of their disk, `disk4`. What only is made of others' partitions, as APFS makes it, is no disk. */
  partitions: ReadonlyMap<string, Volume[]>
  mounts: readonly Mount[]
}

type Fields = Readonly<Record<string, unknown>>

/** The answer to LIST_DISKS. */
export function parseDisks(said: unknown): MacDisks {
  const partitions = new Map<string, Volume[]>()
  const mounts: Mount[] = []
  for (const disk of listIn(fieldsOf(said), 'AllDisksAndPartitions')) {
    const stores = listIn(disk, 'APFSPhysicalStores').map((store) => textIn(store, 'DeviceIdentifier'))
    const parts = listIn(disk, 'Partitions')
    const name = textIn(disk, 'DeviceIdentifier')
    if (stores.length === 0) {
      partitions.set(name, parts.map(volumeOf))
      for (const part of [disk, ...parts]) mounts.push(...mountsOf(part, textIn(part, 'DeviceIdentifier')))
    } else for (const store of stores) mounts.push(...listIn(disk, 'APFSVolumes').flatMap((volume) => mountsOf(volume, store)))
  }
  return { partitions, mounts }
}

/** Names of file systems as blkid has them, by Apple's names of partitions. Of others these do not tell what is in them. */
const FILE_SYSTEMS: Readonly<Record<string, string>> = {
  ...{ EFI: 'vfat', DOS_FAT_12: 'vfat', DOS_FAT_16: 'vfat', DOS_FAT_32: 'vfat', Windows_FAT_16: 'vfat', Windows_FAT_32: 'vfat' },
  ...{ Apple_APFS: 'apfs', Apple_HFS: 'hfsplus' },
}

/** Where it begins is not told. */
function volumeOf(part: Fields): Volume {
  const name = textIn(part, 'DeviceIdentifier')
  return {
    ...{ path: `/dev/${name}`, number: Number(/\d+$/.exec(name)?.[0]), numbers: name, startBytes: 0, sizeBytes: Number(part['Size']) },
    ...{ label: textIn(part, 'VolumeName'), fileSystem: FILE_SYSTEMS[textIn(part, 'Content')] ?? '', holders: [] },
  }
}

/** The system itself runs from a snapshot of its volume. */
function mountsOf(volume: Fields, numbers: string): Mount[] {
  const snapshots = listIn(volume, 'MountedSnapshots').map((snapshot) => textIn(snapshot, 'SnapshotMountPoint'))
  return [textIn(volume, 'MountPoint'), ...snapshots]
    .filter((target) => target !== '')
    .map((target) => ({ numbers, root: '/', target, fileSystem: '', source: `/dev/${numbers}` }))
}

function listIn(fields: Fields, name: string): Fields[] {
  const value = fields[name]
  return Array.isArray(value) ? value.map(fieldsOf) : []
}

function textIn(fields: Fields, name: string): string {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
