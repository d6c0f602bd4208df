import type { DriveBus, DriveIdentity } from '../../contract/drives.ts'
import type { Places } from './places.ts'

/** A whole disk as the machine describes it. */
export interface Disk {
  identity: DriveIdentity
  /** The kernel's name: `sdb`. */
  kernelName: string
  /** Major and minor device number: `8:16`. */
  numbers: string
  bus: DriveBus
  vendor: string
  model: string
  /** The USB device that it is a part of. */
  reader: string
  /** A card or a stick: the kernel's flag, or a reader's word that it holds a card. */
  isRemovable: boolean
  isReadOnly: boolean
  /** The machine needs it, as it says itself. Linux does not: there it shows in what is mounted. */
  isSystem: boolean
  /** How often it was written since it is there: what was read of it before may be wrong afterwards. */
  writeCount: number
  /** The disk itself, as number 0, and its partitions. */
  volumes: Volume[]
}

/** A disk or a partition of it. */
export interface Volume {
  path: string
  number: number
  numbers: string
  /** On the disk. */
  startBytes: number
  sizeBytes: number
  label: string
  /** As blkid names it; empty when nothing is known in it. */
  fileSystem: string
  /** What the kernel has built on top of it. */
  holders: Holder[]
}

export interface Holder {
  /** `dm-0`, `md127`. */
  kernelName: string
  /** In words: `LVM`, `RAID`. */
  kind: string
  /** The device itself, and everything that is built on it. */
  devices: { numbers: string; paths: string[] }[]
}

/** A line of mountinfo. */
export interface Mount {
  numbers: string
  /** The folder of the file system that is mounted; `/` for all of it. */
  root: string
  target: string
  fileSystem: string
  /** `/dev/sda2`, `overlay`, `tank/home`. */
  source: string
}

/** What else a machine is using. */
export interface InUse {
  mounts: readonly Mount[]
  /** Paths of swap areas and swap files. */
  swaps: readonly string[]
  places: Places
  /** Folders that the bench itself needs. */
  ownFolders: readonly { path: string; what: string }[]
}
