import { z } from 'zod'
import { seed } from './seed.ts'
import { path, place, size } from './sizes.ts'

/** A name of ext4 (16 bytes) or FAT (eleven capital letters and digits). */
const label = z.string().max(16)

const hex = (pattern: RegExp, what: string) => z.string().regex(pattern, what)
/** Of GPT; on MBR it follows from the disk's identifier. */
const guid = hex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i, 'a GUID, as uuidgen writes it')

const partition = {
  label: label.optional(),
  partuuid: guid.optional(),
}

/** Exactly one of some keys has to be there. */
function oneOf<K extends string>(keys: readonly K[]) {
  return (value: Partial<Record<K, unknown>>, context: z.core.$RefinementCtx) => {
    const given = keys.filter((key) => value[key] !== undefined)
    if (given.length !== 1) context.addIssue({ code: 'custom', message: `one of ${keys.join(', ')} is needed, ${given.length} are there` })
  }
}

const boot = z
  .strictObject({
    ...partition,
    /** A FAT or ext image of the partition. */
    image: path.optional(),
    /** What a new FAT file system is filled with. */
    folder: path.optional(),
    /** The boot partition of this card image: the first one, or `partition`. */
    from: path.optional(),
    partition: z.number().int().min(1).max(128).optional(),
    /** Left out: as large as the image. */
    size: size.optional(),
  })
  .superRefine(oneOf(['image', 'folder', 'from']))

const rootfs = z
  .strictObject({
    /** An ext2, 3 or 4 image, put into the slots byte by byte. */
    image: path.optional(),
    /** Plain, .gz, .zst or .xz: owners, modes, attributes, devices and links are kept. */
    tar: path.optional(),
    folder: path.optional(),
    /** Whose the files of a folder are: as they are there, or root's. */
    owners: z.enum(['keep', 'root']).default('keep'),
    /** Of each slot. Left out: as large as the image. */
    size: z.union([size, z.literal('fill')]).optional(),
    label: label.optional(),
    partuuidA: guid.optional(),
    partuuidB: guid.optional(),
    /** Slot B holds the same as A, or nothing. */
    slotB: z.enum(['same', 'empty']).default('same'),
    /**
     * Adds what Mender needs where it is missing: /data in fstab, the link /var/lib/mender to /data/mender and, for U-Boot's environment,
     * /etc/fw_env.config. Left out: to a tar or a folder; of an image it is told.
     */
    prepare: z.boolean().optional(),
  })
  .superRefine(oneOf(['image', 'tar', 'folder']))

const data = z.strictObject({
  ...partition,
  size: z.union([size, z.literal('fill')]),
  /** What it holds besides the seed. */
  folder: path.optional(),
  owners: z.enum(['keep', 'root']).default('keep'),
  /** Lets the device grow it to the end of its card: bit 59 of its GPT entry; in the slots x-systemd.growfs in fstab, and a unit of systemd. */
  grow: z.boolean().default(false),
})

const ubootEnvironment = z.strictObject({
  at: place,
  size,
  /** The second copy. */
  redundantAt: place.optional(),
})

const variables = z.record(z.string().regex(/^[\w.-]{1,64}$/, 'a name of letters, digits, _ . and -'), z.union([z.string(), z.number()]))

const loader = z.strictObject({
  /** U-Boot's environment in sectors of the card itself. */
  uboot: ubootEnvironment.optional(),
  /** The files of grub-mender-grubenv in the boot partition. */
  grub: z.boolean().optional(),
  /** Besides mender_boot_part, mender_boot_part_hex, upgrade_available and bootcount. */
  variables: variables.default({}),
  /** Bytes in front of the partitions: SPL, U-Boot, boot code. */
  raw: z
    .array(z.strictObject({ file: path, at: place, skip: place.default(0), size: size.optional() }))
    .max(32)
    .default([]),
})

/** A card with boot, root file system A and B, and data, in this order: what a layout file says. Paths start at its folder. */
export const cardLayout = z.strictObject({
  version: z.literal(1),
  /** All identifiers that are not given are derived from it. */
  name: z.string().min(1).max(100),
  table: z.enum(['gpt', 'mbr']),
  /** Of the whole card. Left out: as large as its partitions; needed by `fill`. */
  size: size.optional(),
  /** At what all partitions begin. */
  align: size.default('4 MiB'),
  /** Where the first partition begins at the earliest. */
  start: size.optional(),
  diskId: z.union([guid, hex(/^[\da-f]{8}$/i, 'eight hexadecimal digits')]).optional(),
  /** The time of everything that is new; left out, SOURCE_DATE_EPOCH or 1980. */
  time: z.iso.datetime().optional(),
  boot,
  rootfs,
  data,
  loader: loader.prefault({}),
  seed: seed.prefault({}),
})
export type CardLayout = z.infer<typeof cardLayout>
/** As it is written, without what has a default. */
export type CardLayoutInput = z.input<typeof cardLayout>
