import { Command } from 'commander'
import type { CardPlan } from '../../contract/compose.ts'
import { AppError } from '../../contract/errors.ts'
import { recipeOf } from '../../engine/compose/compose.ts'
import { planOf } from '../../engine/compose/recipe.ts'
import { refuseOwnInput } from '../../engine/lib/file-streams.ts'
import { writeCard } from '../../engine/compose/write-card.ts'
import type { CliContext } from '../context.ts'
import { say } from '../language.ts'
import { oneLine, size, table } from '../text.ts'
import { absolute } from './artifact-files.ts'

interface ComposeFlags {
  output?: string
  bmap?: boolean
  plan?: boolean
}

const NOTES = `
LAYOUT is a YAML file in which paths start at its own folder:

  version: 1
  name: my-board                # identifiers not given are derived from it
  table: gpt                    # or mbr
  size: 8GB                     # left out: as large as its partitions
  boot: {folder: boot, size: 64 MiB}  # or image: boot.vfat, or from: vendor.img
  rootfs:
    tar: rootfs.tar.zst         # or image: rootfs.ext4, or folder: rootfs
    size: 1 GiB
    slotB: same                 # or empty
    prepare: true               # adds what Mender needs and is missing
  data: {size: fill, grow: true}
  loader:
    uboot: {at: 1 MiB, size: 128 KiB, redundantAt: 2 MiB}  # or grub: true
    variables: {bootlimit: 1}
  seed:
    deviceType: my-board
    serverUrl: https://192.168.1.10:8443
    ca: ca.pem
    deviceKey: device.pem

resources/layouts of OTA Bench has one with everything that may stand in it. A label is that of a new file system, and on a GPT the name
of the partition. An ext image gets into the slots byte by byte; of a tar owners, modes, attributes, devices and links are kept. With
grow the device enlarges the data partition to the end of its card: the slots get x-systemd.growfs in fstab and, where they have systemd,
the unit grow-data.service. Artifacts for this card have to have the same.

Mender needs /data in fstab, /var/lib/mender as a link to /data/mender and, for U-Boot's environment, /etc/fw_env.config; Yocto with
meta-mender makes them, debootstrap does not. Of a tar or folder the slots get what is missing, which is said; files in a folder
/var/lib/mender move to the data partition, but for those that the seed or data.folder gives. An image stays as it is, with a warning,
unless prepare is true. With "prepare: false" nothing is added or said. The disk in fw_env.config is that of "storage" in the seed, else
the one that fstab names.

The image is written beside its name, with holes, and takes its place when all is there. The same layout over the same files makes the
same bytes; everything new has the time of SOURCE_DATE_EPOCH, or of "time" in the layout, and files of folders have no later one.`

/** `otabench image compose LAYOUT -o OUT.img`. */
export function composeCommand(context: CliContext): Command {
  return new Command('compose')
    .description('make a card image with boot, root file system A and B, and data, out of a layout')
    .argument('<layout>')
    .option('-o, --output <file>', 'the image')
    .option('--bmap', 'write its block map beside it, as OUTPUT.bmap')
    .option('--plan', 'say what the card would be, and write nothing')
    .addHelpText('after', NOTES)
    .action((path: string, flags: ComposeFlags) => compose(path, flags, context))
}

async function compose(path: string, { output, bmap = false, plan = false }: ComposeFlags, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  const recipe = await recipeOf({ path: absolute(cwd, path) }, { files: host.files, sourceDateAt: sourceDate(context) })
  const planned = planOf(recipe)
  if (plan) return out.result(planned, [describe(planned), ...planned.warnings.map((each) => `warning: ${each}`)].join('\n'))
  if (output === undefined) throw new AppError('BAD_INPUT', 'Where the image goes is not said', 'Say -o OUT.img, or --plan.')
  const target = absolute(cwd, output)
  await refuseOwnInput(host.files, target, [absolute(cwd, path)])
  const written = await writeCard(recipe, { files: host.files, output: target, hasBmap: bmap, ...watching(context) })
  out.result({ image: target, ...written, plan: planned }, `${describe(planned)}\n${output}: ${size(written.sizeBytes)}${mapText(written)}`)
}

export function mapText({ mappedBytes }: { mappedBytes: number | null }): string {
  return mappedBytes === null ? '' : `, ${size(mappedBytes)} of them to be written`
}

/** Progress and warnings of work on an image, as the command line shows them. */
export function watching({ out, signal }: CliContext) {
  let step = ''
  return {
    signal,
    onStep: (name: string) => {
      step = name
    },
    onProgress: (done: number, total: number | null) => out.progress(done, total ?? 0, say(step).toLowerCase()),
    warn: (text: string) => out.important(`warning: ${text}`),
  }
}

/** Of SOURCE_DATE_EPOCH, in milliseconds; null where it is not set. BAD_INPUT where it is no number. */
export function sourceDate({ environment }: CliContext): number | null {
  const epoch = environment['SOURCE_DATE_EPOCH']
  if (epoch === undefined || epoch === '') return null
  if (!/^\d{1,11}$/.test(epoch)) throw new AppError('BAD_INPUT', `SOURCE_DATE_EPOCH is "${epoch}"`, 'Set it to seconds since 1970.')
  return Number(epoch) * 1000
}

export function describe({ table: kind, diskId, sizeBytes, partitions, areas }: CardPlan): string {
  const rows = partitions.map(({ number, role, startBytes, sizeBytes: length, label, partuuid, content }) => [
    ...[String(number), role, String(startBytes), size(length), oneLine(label), partuuid, oneLine(content)],
  ])
  return [
    `${size(sizeBytes)}, ${kind} ${diskId}`,
    '',
    table(['#', 'role', 'start', 'size', 'name', 'partuuid', 'content'], rows),
    ...areas.map(({ what, startBytes, sizeBytes: length }) => `${oneLine(what)}: ${size(length)} at byte ${startBytes}`),
  ].join('\n')
}
