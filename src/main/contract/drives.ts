import { z } from 'zod'
import { id, live, localCall, nothing } from './operations.ts'

/** How a drive hangs on the machine. `mmc` is a reader that is no USB device; `virtual` is a file that plays a drive. */
export const driveBus = z.enum(['usb', 'mmc', 'nvme', 'ata', 'scsi', 'virtio', 'loop', 'virtual', 'unknown'])
export type DriveBus = z.infer<typeof driveBus>

/** What a virtual drive does wrong. Positions and sizes are bytes; null: it does not. */
export const driveFaults = z.object({
  /** It writes no faster than this, bytes a second. */
  writeBytesPerSecond: z.number().int().positive().nullable(),
  /** Writing the byte at this position fails with EIO. */
  failsAtByte: z.number().int().nonnegative().nullable(),
  /** It is pulled when the byte at this position is written: nothing works from then on, until it is plugged in again. */
  pulledAtByte: z.number().int().nonnegative().nullable(),
  /** It keeps only so many bytes, whatever size it says: what lies behind is lost without an error, as with counterfeit cards. */
  realBytes: z.number().int().positive().nullable(),
})
export type DriveFaults = z.infer<typeof driveFaults>

export const NO_DRIVE_FAULTS: DriveFaults = { writeBytesPerSecond: null, failsAtByte: null, pulledAtByte: null, realBytes: null }

/** Which drive is meant: carried by whoever starts to write, compared with the machine again just before the drive is opened. */
export const driveIdentity = z.object({
  /** The whole disk: `/dev/sdb`. Of a virtual drive, its file. */
  path: z.string().min(1).max(4096),
  /** Empty when it has none. */
  serial: z.string().max(500),
  sizeBytes: z.number().int().nonnegative(),
  /** Where it is plugged in, as udev's ID_PATH says it: `pci-0000:00:14.0-usb-0:2:1.0-scsi-0:0:0:0`. Empty when that is not known. */
  port: z.string().max(1000),
  /** The kernel's number of this medium: another card in the same reader has another. Empty on systems that do not count. */
  diskSequence: z.string().max(40),
  /** What it calls itself, on systems that tell neither serial number nor port. */
  model: z.string().max(500).optional(),
})
export type DriveIdentity = z.infer<typeof driveIdentity>

export const drivePartition = z.object({
  path: z.string(),
  /** From 1; 0 for a file system without partition table. */
  number: z.number().int(),
  sizeBytes: z.number(),
  label: z.string(),
  /** `ext4`, `vfat`, `crypto_LUKS`, `LVM2_member` …; empty when none is known. */
  fileSystem: z.string(),
  mountedAt: z.array(z.string()),
})

/** Why a drive may not be written, or not without its name typed. */
export const driveReason = z.object({
  rule: z.enum([
    // refused
    'no-medium',
    'read-only',
    'system-disk',
    'own-disk',
    'system-unknown',
    'swap',
    'in-use',
    'signature',
    'mounted',
    // its name is asked for
    'large',
    'fixed',
    'unknown',
  ]),
  /** One sentence: `It holds /home.` */
  text: z.string(),
  /** What a person can do about it; empty when nothing is to be done. */
  remedy: z.string(),
})
export type DriveReason = z.infer<typeof driveReason>

/**
 * Whether it may be written. `writable`: after a summary that is confirmed. `needs-name`: after its `name` was typed. `refused`: never, and
 * there is no way around it in the app.
 */
export const driveVerdict = z.object({ kind: z.enum(['writable', 'needs-name', 'refused']), reasons: z.array(driveReason) })
export type DriveVerdict = z.infer<typeof driveVerdict>

/** What Mender keeps on a card; each is empty when it is not known. */
export const menderOnDrive = z.object({ artifactName: z.string(), deviceType: z.string() })
export type MenderOnDrive = z.infer<typeof menderOnDrive>

export const drive = z.object({
  identity: driveIdentity,
  /** What it is called, and what is typed where its name is asked for: no two in a list share one. */
  name: z.string(),
  vendor: z.string(),
  model: z.string(),
  sizeBytes: z.number(),
  bus: driveBus,
  /** The device it is plugged into, where that is another one: the card reader. Empty otherwise. */
  reader: z.string(),
  /** A card or a stick, as opposed to a disk. */
  isRemovable: z.boolean(),
  isReadOnly: z.boolean(),
  partitions: z.array(drivePartition),
  /** Every folder that something on it is mounted at: those are unmounted before it is written. */
  mountedAt: z.array(z.string()),
  /** null when nothing of Mender was found, or it cannot be read without being asked for. */
  mender: menderOnDrive.nullable(),
  verdict: driveVerdict,
  /** How the writer would get at it. `open`: this user may write it. `asks`: the system asks for a password. `none`: see `otabench doctor`. */
  access: z.enum(['open', 'asks', 'none']),
  /** A drive that is only played by a file, and what it does wrong; null for a real one. */
  virtual: z.object({ id, faults: driveFaults }).nullable(),
})
export type Drive = z.infer<typeof drive>

export const virtualDriveName = z.string().regex(/^[\w.-]{1,40}$/, 'At most 40 letters, digits and . _ -')

const MAX_VIRTUAL_BYTES = 4 * 2 ** 40

export const drives = {
  /**
   * Every drive of the engine's machine and the virtual ones, those that may be written first. Loop devices only where asked for. TOOL_MISSING
   * where the machine's own cannot be listed; with `canBePartial` the virtual ones alone.
   */
  list: live(z.object({ hasLoops: z.boolean().default(false), canBePartial: z.boolean().default(false) }), z.array(drive)),
  /** Unmounts it and switches its power off where that can be done; `isPoweredOff` says whether it was. */
  eject: localCall(z.object({ identity: driveIdentity }), z.object({ isPoweredOff: z.boolean() })),
  /** A file that plays a drive; its size is a multiple of 512. It takes only the room that is written. */
  createVirtual: localCall(
    z.object({
      name: virtualDriveName,
      sizeBytes: z.number().int().min(512).max(MAX_VIRTUAL_BYTES).multipleOf(512),
      faults: driveFaults.default(NO_DRIVE_FAULTS),
    }),
    z.object({ id }),
  ),
  setFaults: localCall(z.object({ id, faults: driveFaults }), nothing),
  removeVirtual: localCall(z.object({ id }), nothing),
}
