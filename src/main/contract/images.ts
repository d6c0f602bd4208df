import { z } from 'zod'
import { insideFile } from './inside-files.ts'
import { imageFormat } from './flash.ts'
import { id, localAsk, localCall, localLive } from './operations.ts'

const variables = z.record(z.string(), z.string())

/** A piece of a disk. Both bounds are whole sectors. */
export const partition = z.object({
  /** As Linux counts: of MBR 1 to 4 the primary ones and 5 and on the logical ones; of GPT the place in the table. */
  number: z.number().int(),
  startBytes: z.number(),
  sizeBytes: z.number(),
  /** Of MBR two hexadecimal digits (`0c`), of GPT the GUID in capitals. */
  type: z.string(),
  /** PARTUUID as Linux and boot loaders spell it: `3cf765e5-02`, or a GUID in small letters. */
  uuid: z.string(),
  /** Of GPT; empty on MBR. */
  name: z.string(),
  /** The flag that old BIOSes boot by. */
  isActive: z.boolean(),
})

/** What a partition is for on a card that Mender laid out. */
export const cardRole = z.enum(['boot', 'rootfs A', 'rootfs B', 'data'])
export type CardRole = z.infer<typeof cardRole>

/** What a file system says of itself. Kinds, labels and UUIDs are spelled as blkid does. */
export const volumeFacts = z.object({
  /** `fat` where it is too damaged to say which. */
  kind: z.enum(['ext2', 'ext3', 'ext4', 'fat', 'fat12', 'fat16', 'fat32']),
  label: z.string(),
  /** Of FAT the serial number of the volume, `0B5E-7A11`; empty where there is none. */
  uuid: z.string(),
  sizeBytes: z.number(),
  /** null where it cannot be known. */
  freeBytes: z.number().nullable(),
  /** Why its files cannot be read, though it says what it is; null where they can. */
  problem: z.string().nullable(),
})

/** A file system, and what Mender keeps in it. */
const foundVolume = volumeFacts.extend({
  /** Of /etc/mender/artifact_info; null where there is none. */
  artifactName: z.string().nullable(),
  /** Of /mender/device_type, which a device has in its data partition; null where there is none. */
  deviceType: z.string().nullable(),
})
export type FoundVolume = z.infer<typeof foundVolume>

const foundPartition = partition.extend({
  /** null where the card is not one of Mender's. */
  role: cardRole.nullable(),
  /** null where it is none that can be looked into. */
  fileSystem: foundVolume.nullable(),
  /** What it is then, as blkid names it: `crypto_LUKS`, `swap`, `btrfs`; empty where that is not known either. */
  otherKind: z.string().default(''),
})

/** Bytes that belong to no partition. */
const gap = z.object({ startBytes: z.number(), sizeBytes: z.number() })
export type Gap = z.infer<typeof gap>

/** An environment of U-Boot: CRC-32, a flag byte where there are two copies, `name=value` strings, zeros or 0xff to the end. */
const ubootEnvironment = z.object({
  startBytes: z.number(),
  sizeBytes: z.number(),
  /** One of two copies, of which the flag says the newer one. */
  isRedundant: z.boolean(),
  /** What U-Boot reads: the newer one of two copies. */
  isCurrent: z.boolean(),
  variables,
})
export type UbootEnvironment = z.infer<typeof ubootEnvironment>

/** Variables that GRUB keeps in a file of a partition. */
const grubEnvironment = z.object({ partition: z.number().int(), path: z.string(), variables })

/** Which root file system a card boots, by the variables that Mender keeps in the boot loader's environment. */
const bootState = z.object({
  /** The number of its partition. */
  partition: z.number().int(),
  /** It was just installed, and is given up unless it commits. */
  isTrial: z.boolean(),
  /** How often it was tried; null where it is not counted. */
  bootCount: z.number().nullable(),
})
export type BootState = z.infer<typeof bootState>

/** What an image or a drive is, whole or partition by partition. */
const imageFacts = z.object({
  sizeBytes: z.number(),
  /** null where there are no partitions. */
  table: z
    .object({
      kind: z.enum(['mbr', 'gpt']),
      /** The identifier of the disk: eight hexadecimal digits, or a GUID in small letters. */
      diskId: z.string(),
      /** In the order of their numbers. */
      partitions: z.array(foundPartition),
      gaps: z.array(gap),
      /** What is wrong though everything can be read, in words: one of the two copies of a GPT. */
      warnings: z.array(z.string()),
    })
    .nullable(),
  /** Of an image that is one file system. */
  fileSystem: foundVolume.nullable(),
  ubootEnvironments: z.array(ubootEnvironment),
  grubEnvironment: grubEnvironment.nullable(),
  /** null where no environment tells. */
  boot: bootState.nullable(),
})
export type ImageFacts = z.infer<typeof imageFacts>

/** A file system on an image: of a partition by its number, or the whole image where there are none. */
const place = z.object({ path: z.string().min(1), partition: z.number().int().nullable() })
const inside = place.extend({ inside: z.string().startsWith('/') })

/** A comparison as it goes, in the end the answer. */
const cardComparing = z.discriminatedUnion('state', [
  z.object({ state: z.literal('running'), doneBytes: z.number(), totalBytes: z.number() }),
  z.object({
    state: z.literal('done'),
    /** What of the image means something; the rest does not matter. */
    comparedBytes: z.number(),
    /** In blocks of 4 KiB. */
    differentBytes: z.number(),
    /** The first of them; `placeCount` counts all. */
    places: z.array(z.object({ startBytes: z.number(), endBytes: z.number() })),
    placeCount: z.number().int(),
    /** Those in which something differs; number 0 is what lies in none. */
    partitions: z.array(z.object({ number: z.number().int(), differentBytes: z.number() })),
  }),
])
export type CardComparing = z.infer<typeof cardComparing>

/** Images and drives of the engine's machine, by their paths. */
export const images = {
  /**
   * `facts` are null of an image that is packed: it has to be unpacked first. BAD_INPUT for what is no image, ARTIFACT_INVALID where the
   * partition table is damaged.
   */
  inspect: localAsk(z.object({ path: z.string().min(1) }), z.object({ format: imageFormat, facts: imageFacts.nullable() })),
  /** Unpacks an image, to be looked into by its own path: a copy that is kept until another is unpacked, or the engine ends. */
  unpack: localCall(z.object({ path: z.string().min(1) }), z.object({ jobId: id })),
  /** What a folder holds; BAD_INPUT where there is no ext2, 3, 4 or FAT, NOT_FOUND for no folder. */
  files: localAsk(inside, z.array(insideFile)),
  /** A file as text, links followed, cut where it is long; null for what is no text. */
  fileText: localAsk(inside, z.object({ text: z.string().nullable() })),
  /**
   * Reads a card into an image, without the free space of its file systems; `.gz`, `.zst` and `.xz` pack it, a block map and a checksum
   * are written beside it. CONFLICT while something on it is mounted.
   */
  read: localCall(z.object({ path: z.string().min(1), to: z.string().min(1) }), z.object({ jobId: id })),
  /** Compares a card with an image while it is followed: whoever stops following cancels it. */
  compare: localLive(z.object({ card: z.string().min(1), image: z.string().min(1) }), cardComparing),
  /** Copies a file, or a folder with everything in it, to `to`, which must not be there. Devices, pipes and sockets are left out. */
  extract: localCall(inside.extend({ to: z.string().min(1) }), z.object({ jobId: id })),
}
