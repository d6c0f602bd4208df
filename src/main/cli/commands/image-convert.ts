import { Command } from 'commander'
import type { ConversionPlan } from '../../contract/compose.ts'
import { convertOptions } from '../../contract/convert.ts'
import { AppError } from '../../contract/errors.ts'
import { planOfCard } from '../../engine/compose/compose.ts'
import { conversionOf } from '../../engine/compose/convert/convert-recipe.ts'
import { timeOf } from '../../engine/compose/recipe.ts'
import { writeCard } from '../../engine/compose/write-card.ts'
import type { CliContext } from '../context.ts'
import { size } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { describe, mapText, sourceDate, watching } from './image-compose.ts'
import { type SeedFlags, seedOf, seedOptions } from './image-seed.ts'
import { rawImage } from './image-unpacked.ts'

interface ConvertFlags extends SeedFlags {
  output?: string
  bmap?: boolean
  plan?: boolean
  name?: string
  table?: string
  size?: string
  bootSize?: string
  slotSize?: string
  dataSize?: string
  slotB?: string
  environmentAt?: string
  grow?: boolean
}

const NOTES = `
Takes a card with one root file system apart, as a board's vendor ships it, and makes one with boot, A, B and data of it; the old one stays.
It has to boot by extlinux.conf, by a boot script of U-Boot (boot.scr), or by GRUB for UEFI with its grub.cfg in the EFI system partition.
It may be packed (gz, xz, zst, bz2, zip).

The boot partition gets a boot.scr, or grub.cfg, that chooses the slot by Mender's variables, counts the starts of an update, and goes back. U-Boot's
environment lies in sectors of the card, as /etc/fw_env.config of the slots says; GRUB's as grub-mender-grubenv has it.

In the slots root= and fstab are left to the slot that boots; kernels of the boot partition move into /boot; /var/lib/mender becomes
/data/mender. Make artifacts of this root file system, not of the old one.

The data partition has what /var/lib/mender held, device_type, mender.conf with RootfsPartA and B, and the seed.

Not converted, and said so: the Raspberry Pi's firmware without U-Boot, GRUB for BIOS, and root file systems in LUKS, LVM, RAID, btrfs,
XFS, F2FS or squashfs. The Mender client is not installed; a warning says where it or its tools are missing.`

/** `otabench image convert SINGLE.img -o AB.img`. */
export function convertCommand(context: CliContext): Command {
  const command = new Command('convert')
    .description('make a card with two root file systems out of one with one')
    .argument('<image>')
    .option('-o, --output <file>', 'the new image')
    .option('--bmap', 'write its block map beside it, as OUTPUT.bmap')
    .option('--plan', 'say what the card would be, and write nothing')
    .option('--name <name>', 'identifiers are derived from it; default: the name of the image')
    .option('--table <kind>', 'gpt or mbr; default: as it is')
    .option('--size <size>', 'of the whole card')
    .option('--boot-size <size>', 'default: as it is')
    .option('--slot-size <size>', 'of each slot; default: as the root file system is')
    .option('--data-size <size>', 'or fill; default: 128 MiB')
    .option('--slot-b <content>', 'same or empty; default: same')
    .option('--environment-at <place>', "where U-Boot's environment lies; default: right behind the boot loaders")
    .option('--no-grow', 'the data partition stays as large as it is')
  return seedOptions(command)
    .addHelpText('after', NOTES)
    .action((path: string, flags: ConvertFlags) => convert(path, flags, context))
}

async function convert(path: string, flags: ConvertFlags, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  const { output, bmap = false, plan: isPlan = false } = flags
  const options = convertOptions.safeParse({ ...given(flags), image: absolute(cwd, path), seed: await seedOf(flags, context) })
  if (!options.success)
    throw new AppError('BAD_INPUT', options.error.issues.map((each) => `${each.path.join('.')}: ${each.message}`).join('; '), 'See --help.')
  await using image = await rawImage(options.data.image, context)
  const how = { files: host.files, folder: cwd, rawPath: image.rawPath, madeAt: timeOf(sourceDate(context)) }
  const conversion = await conversionOf(options.data, how)
  const [{ recipe }, planned] = [conversion, planOfCard(conversion)]
  if (isPlan) return out.result(planned, [said(planned), ...recipe.warnings.map((each) => `warning: ${each}`)].join('\n'))
  if (output === undefined) throw new AppError('BAD_INPUT', 'Where the image goes is not said', 'Say -o AB.img, or --plan.')
  const target = absolute(cwd, output)
  const written = await writeCard(recipe, { files: host.files, output: target, hasBmap: bmap, ...watching(context) })
  out.result({ image: target, ...written, ...planned }, `${said(planned)}\n${output}: ${size(written.sizeBytes)}${mapText(written)}`)
}

const BY = { extlinux: 'extlinux.conf', script: 'boot.scr', grub: 'GRUB' } as const

function said({ boot, deviceType, plan }: ConversionPlan): string {
  return `${describe(plan)}\nfor ${deviceType}; the slots boot by ${BY[boot]}`
}

function given({ name, table, size: whole, bootSize, slotSize, dataSize, slotB, environmentAt, grow }: ConvertFlags) {
  const all = { name, table, size: whole, bootSize, slotSize, dataSize, slotB, environmentAt, grow }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}
