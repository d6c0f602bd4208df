import type { DriveReason, DriveVerdict } from '../../contract/drives.ts'
import type { Disk, InUse, Mount } from './facts.ts'
import { mountOf } from './mounts.ts'

/** Cards and sticks end here for now; what is larger is more often somebody's backup. */
const LARGE_BYTES = 300e9

/** File systems that are a part of something larger, or a lock on something, as blkid names them. */
const PARTS_OF_SOMETHING: Readonly<Record<string, string>> = {
  LVM2_member: 'a part of an LVM volume group',
  LVM1_member: 'a part of an LVM volume group',
  linux_raid_member: 'a part of a RAID',
  isw_raid_member: 'a part of a RAID (Intel)',
  ddf_raid_member: 'a part of a RAID (DDF)',
  crypto_LUKS: 'an encrypted volume (LUKS)',
  BitLocker: 'an encrypted volume (BitLocker)',
  zfs_member: 'a part of a ZFS pool',
  bcache: 'a part of a bcache set',
  mpath_member: 'one of several paths to a disk',
  drbd: 'a part of a DRBD resource',
  stratis: 'a part of a Stratis pool',
  ceph_bluestore: 'a part of a Ceph store',
  VMFS_volume_member: 'a part of a VMFS volume',
}

/** One way in which a drive may not be written: its reasons, none when the rule does not hold. */
type Rule = (disk: Disk, inUse: InUse) => DriveReason[]

/** Nobody gets past these. */
const REFUSALS: readonly Rule[] = [
  noMedium,
  systemDisk,
  ownDisk,
  swap,
  inUseBySomething,
  signature,
  mountedElsewhere,
  readOnly,
  systemUnknown,
]
/** Past these one gets by typing the drive's name. */
const CAUTIONS: readonly Rule[] = [large, fixed, unknown]

/** Whether a drive may be written, with every reason against it. */
export function judge(disk: Disk, inUse: InUse): DriveVerdict {
  const refused = REFUSALS.flatMap((rule) => rule(disk, inUse))
  if (refused.length > 0) return { kind: 'refused', reasons: refused }
  const cautions = CAUTIONS.flatMap((rule) => rule(disk, inUse))
  return { kind: cautions.length > 0 ? 'needs-name' : 'writable', reasons: cautions }
}

/** Every mount of something on the disk, also through what is built on it. */
export function mountsOf(disk: Disk, mounts: readonly Mount[]): Mount[] {
  const numbers = new Set(numbersOf(disk))
  // btrfs and ZFS have numbers of their own: there the source says which device it is.
  const paths = new Set(pathsOf(disk))
  return mounts.filter((mount) => numbers.has(mount.numbers) || paths.has(mount.source))
}

function numbersOf(disk: Disk): string[] {
  return disk.volumes.flatMap(({ numbers, holders }) => [
    numbers,
    ...holders.flatMap(({ devices }) => devices.map((device) => device.numbers)),
  ])
}

function pathsOf(disk: Disk): string[] {
  return disk.volumes.flatMap(({ path, holders }) => [path, ...holders.flatMap(({ devices }) => devices.flatMap(({ paths }) => paths))])
}

function noMedium({ identity }: Disk): DriveReason[] {
  if (identity.sizeBytes > 0) return []
  return [{ rule: 'no-medium', text: 'There is no card in it.', remedy: 'Put one in.' }]
}

function systemDisk(disk: Disk, { mounts, places }: InUse): DriveReason[] {
  const targets = distinct(mountsOf(disk, mounts).map(({ target }) => target)).filter((target) => places.isSystem(target))
  if (targets.length > 0) return [{ rule: 'system-disk', text: `The system runs from it: it holds ${listed(targets)}.`, remedy: '' }]
  return disk.isSystem ? [{ rule: 'system-disk', text: 'The system counts it among its own disks.', remedy: '' }] : []
}

function ownDisk(disk: Disk, { mounts, ownFolders }: InUse): DriveReason[] {
  const mine = mountsOf(disk, mounts)
  return ownFolders.flatMap(({ path, what }): DriveReason[] => {
    const mount = mountOf(path, mounts)
    if (!mount || !mine.includes(mount)) return []
    return [{ rule: 'own-disk', text: `It holds ${what} (${path}).`, remedy: '' }]
  })
}

function swap(disk: Disk, { mounts, swaps }: InUse): DriveReason[] {
  const mine = mountsOf(disk, mounts)
  const isMine = (area: string): boolean => {
    if (pathsOf(disk).includes(area)) return true
    const mount = area.startsWith('/dev/') ? null : mountOf(area, mounts)
    return mount !== null && mine.includes(mount)
  }
  return swaps
    .filter(isMine)
    .map((area) => ({ rule: 'swap', text: `The system swaps to it (${area}).`, remedy: `Stop that with: swapoff ${area}` }))
}

function inUseBySomething(disk: Disk): DriveReason[] {
  return disk.volumes.flatMap(({ path, holders }) =>
    holders.map(({ kernelName, kind }) => ({
      rule: 'in-use' as const,
      text: `${path} is used by ${kind} (${kernelName}).`,
      remedy: 'Take that apart first, if it is not needed any more.',
    })),
  )
}

function signature(disk: Disk): DriveReason[] {
  return disk.volumes.flatMap(({ path, fileSystem, holders }) => {
    const what = PARTS_OF_SOMETHING[fileSystem] ?? (fileSystem.endsWith('_member') ? `a part of something larger (${fileSystem})` : null)
    // What is in use has its reason already.
    if (what === null || holders.length > 0) return []
    return [{ rule: 'signature' as const, text: `${path} is ${what}.`, remedy: `If nobody needs it any more: wipefs -a ${path}` }]
  })
}

function mountedElsewhere(disk: Disk, { mounts, places }: InUse): DriveReason[] {
  const targets = distinct(mountsOf(disk, mounts).map(({ target }) => target)).filter((target) => !places.isSystem(target))
  const isPlugged = disk.isRemovable || disk.bus === 'usb' || disk.bus === 'loop'
  const elsewhere = targets.filter((target) => !isPlugged || !places.isPlugged(target))
  return elsewhere.map((target) => ({
    rule: 'mounted',
    text: `It is mounted at ${target}, where removable drives are not.`,
    remedy: `If it may be erased: ${places.unmount(target)}`,
  }))
}

function readOnly({ isReadOnly, identity }: Disk): DriveReason[] {
  if (!isReadOnly || identity.sizeBytes === 0) return []
  return [{ rule: 'read-only', text: 'It is write-protected.', remedy: 'Cards have a slider for it; or the reader does not write.' }]
}

/** In a container, or with a root file system out of memory, nothing says which disk the machine needs: then no built-in one may be written. */
function systemUnknown(disk: Disk, { mounts, places }: InUse): DriveReason[] {
  if (!isBuiltIn(disk)) return []
  const root = mounts.findLast(({ target }) => target === places.root)
  const isOnDevice = root !== undefined && (root.source.startsWith('/dev/') || !root.numbers.startsWith('0:'))
  if (isOnDevice) return []
  const text = `It is built in, and which disk the system runs from cannot be told here (its root is ${root?.fileSystem ?? 'unknown'}).`
  return [{ rule: 'system-unknown', text, remedy: 'Use a drive that is plugged in, or run the bench outside of the container.' }]
}

function isBuiltIn({ isRemovable, bus }: Disk): boolean {
  return !isRemovable && bus !== 'usb' && bus !== 'loop' && bus !== 'virtual'
}

function large({ identity }: Disk): DriveReason[] {
  if (identity.sizeBytes <= LARGE_BYTES) return []
  return [{ rule: 'large', text: 'It is larger than cards usually are.', remedy: '' }]
}

function fixed(disk: Disk): DriveReason[] {
  if (isBuiltIn(disk)) return [{ rule: 'fixed', text: 'It is built in, and no card or stick.', remedy: '' }]
  const isDisk = disk.bus === 'usb' && !disk.isRemovable
  return isDisk ? [{ rule: 'fixed', text: 'It calls itself a disk, and no card or stick.', remedy: '' }] : []
}

function unknown({ bus, model, vendor, identity }: Disk): DriveReason[] {
  if (bus === 'virtual' || bus === 'loop') return []
  if (bus !== 'unknown' && (model !== '' || vendor !== '' || identity.serial !== '')) return []
  return [{ rule: 'unknown', text: 'It does not say what it is.', remedy: '' }]
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}

function listed(texts: readonly string[]): string {
  return texts.length > 3 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ')
}
