import { Command } from 'commander'
import { inspectFile } from '../../engine/contents/inspect-file.ts'
import type { FoundVolume, Gap, ImageFacts } from '../../contract/images.ts'
import type { CliContext } from '../context.ts'
import { word } from '../language.ts'
import { fact, facts, oneLine, size, table } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { drawCard } from './image-picture.ts'
import { rawImage } from './image-unpacked.ts'

const NOTES = `
FILE is a disk image (.img, .sdimg, .wic), a disk, or one bare file system; an image that is packed (gz, xz, zst, bz2, zip) is unpacked to
a copy that is removed in the end. Nothing is mounted and nothing is written. A card is called one of Mender's when it has four
partitions, and an artifact name or a device type in one of them.`

/** `otabench image inspect FILE`. */
export function inspectCommand(context: CliContext): Command {
  return new Command('inspect')
    .description('partitions, file systems, labels and identifiers, and what Mender keeps in them')
    .argument('<file>')
    .addHelpText('after', NOTES)
    .action((path: string) => inspect(path, context))
}

async function inspect(path: string, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  await using image = await rawImage(absolute(cwd, path), context)
  const facts = await inspectFile(host.files, image.rawPath)
  out.result(facts, describe(facts))
}

function describe(facts: ImageFacts): string {
  if (!facts.table)
    return [`${size(facts.sizeBytes)}, no partition table`, '', ...(facts.fileSystem ? factLines(facts.fileSystem) : [])].join('\n')
  const { kind, diskId, partitions, gaps, warnings } = facts.table
  return [
    `${size(facts.sizeBytes)}, ${kind} ${diskId}`,
    '',
    ...drawCard(partitions, facts.sizeBytes),
    '',
    partitionTable(facts.table),
    ...partitions.flatMap(({ number, fileSystem }) => noteLines(`partition ${number}`, fileSystem)),
    '',
    ...gaps.map((gap) => `not in a partition: ${span(gap)}`),
    ...environmentLines(facts),
    ...warnings.map((warning) => `warning: ${warning}`),
  ].join('\n')
}

/** The variables of Mender; `--json` has all of them. */
const SHOWN_VARIABLE = /^(mender_|upgrade_available$|bootcount$|bootlimit$)/

function environmentLines({ ubootEnvironments, grubEnvironment, boot }: ImageFacts): string[] {
  const shown = (variables: Readonly<Record<string, string>>): string[] =>
    Object.entries(variables).flatMap(([name, value]) => (SHOWN_VARIABLE.test(name) ? [`  ${oneLine(name)}=${oneLine(value)}`] : []))
  return [
    ...ubootEnvironments.flatMap(({ variables, isRedundant, isCurrent, ...where }) => [
      `U-Boot environment: ${span(where)}, ${Object.keys(variables).length} variables${copyWords(isRedundant, isCurrent)}`,
      ...(isCurrent ? shown(variables) : []),
    ]),
    ...(grubEnvironment
      ? [
          `GRUB environment: ${oneLine(grubEnvironment.path)} on partition ${grubEnvironment.partition}`,
          ...shown(grubEnvironment.variables),
        ]
      : []),
    ...(boot ? [`boots partition ${boot.partition}${boot.isTrial ? ', on trial: not committed' : ''}`] : []),
  ]
}

function copyWords(isRedundant: boolean, isCurrent: boolean): string {
  if (!isRedundant) return ''
  return isCurrent ? ', the newer copy' : ', the older copy'
}

function span({ startBytes, sizeBytes }: Gap): string {
  return `${size(sizeBytes)} at byte ${startBytes}`
}

const COLUMNS = ['#', 'role', 'start', 'size', 'type', 'name', 'partuuid', 'file system', 'label', 'uuid', 'free'] as const

function partitionTable({ partitions }: NonNullable<ImageFacts['table']>): string {
  const rows = partitions.map(({ number, role, startBytes, sizeBytes, type, isActive, name, uuid, fileSystem, otherKind }) => [
    ...[`${number}${isActive ? '*' : ''}`, role ?? '', String(startBytes), size(sizeBytes), type, oneLine(name), uuid],
    ...(fileSystem ? [fileSystem.kind, oneLine(fileSystem.label), fileSystem.uuid, free(fileSystem)] : [otherKind || word('unknown')]),
  ])
  // A column in which nothing stands is left out.
  const used = COLUMNS.map((_, column) => column).filter((column) => rows.some((row) => (row[column] ?? '') !== ''))
  const text = table(
    used.map((column) => COLUMNS[column] ?? ''),
    rows.map((row) => used.map((column) => row[column] ?? '')),
  )
  return partitions.some(({ isActive }) => isActive) ? `${text}\n* the active one` : text
}

function free({ freeBytes }: FoundVolume): string {
  return freeBytes === null ? '' : size(freeBytes)
}

function factLines(volume: FoundVolume): string[] {
  const { kind, label, uuid, sizeBytes } = volume
  return [
    ...facts([
      ...[fact('file system', kind), fact('label', oneLine(label) || '-'), fact('uuid', uuid || '-')],
      ...[fact('size', size(sizeBytes)), fact('free', free(volume) || '-')],
    ]),
    ...noteLines('file system', volume),
  ]
}

/** What there is to say besides, of one file system. */
function noteLines(where: string, volume: FoundVolume | null): string[] {
  const { artifactName = null, deviceType = null, problem = null } = volume ?? {}
  return [
    ...(artifactName === null ? [] : [`${where}: artifact name ${oneLine(artifactName)}`]),
    ...(deviceType === null ? [] : [`${where}: device type ${oneLine(deviceType)}`]),
    ...(problem === null ? [] : [`warning: ${where}: ${problem}`]),
  ]
}
