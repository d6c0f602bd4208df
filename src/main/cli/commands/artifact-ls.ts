import { Command } from 'commander'
import { type Contents, openContents } from '../../engine/contents/open-contents.ts'
import type { FileKind } from '../../engine/image/file-system.ts'
import type { PartitionTable } from '../../engine/image/partition.ts'
import { type WalkedFile, walk } from '../../engine/image/walk.ts'
import type { CliContext } from '../context.ts'
import { oneLine, size } from '../text.ts'
import { absolute } from './artifact-files.ts'
import { INSIDE_NOTES, type LookFlags, addLookFlags, insidePathOf, readingOptions } from './artifact-inside.ts'

interface LsFlags extends LookFlags {
  recursive?: boolean
}

const NOTES = `${INSIDE_NOTES}

Without a path it lists the partitions of a disk image, and the top folder of everything else. Times are UTC.`

/** `otabench artifact ls FILE[:/PATH]`. */
export function lsCommand(context: CliContext): Command {
  const command = new Command('ls')
    .description('list the files inside an artifact or image')
    .argument('<FILE[:/path]>')
    .option('-R, --recursive', 'everything below too, with paths')
  return addLookFlags(command)
    .addHelpText('after', NOTES)
    .action((text: string, flags: LsFlags) => ls(text, flags, context))
}

async function ls(text: string, flags: LsFlags, context: CliContext): Promise<void> {
  const { out, cwd } = context
  const { recursive = false, partition: partitions } = flags
  const inside = insidePathOf(text)
  await using contents = await openContents(absolute(cwd, inside?.file ?? text), readingOptions(flags, context))
  if (!inside && contents.table && partitions.length === 0) return out.verbatim(contents.table, partitionLines(contents.table))
  const { partition, kind, files } = await listed(contents, inside?.path ?? '/', recursive)
  const values = files.map((file) => ({ ...file, mode: octal(file.mode) }))
  out.verbatim({ partition, fileSystem: kind, files: values }, fileLines(files, recursive))
}

async function listed(contents: Contents, wanted: string, isRecursive: boolean) {
  const { fileSystem, path, partition } = await contents.find(wanted)
  const facts = await fileSystem.stat(path)
  const linkTarget = facts?.kind === 'link' ? await fileSystem.linkTarget(path) : null
  const isAlone = facts !== null && facts.kind !== 'folder' && !(linkTarget !== null && wanted.endsWith('/'))
  const files = isAlone ? [{ ...facts, name: wanted, path, linkTarget }] : await Array.fromAsync(walk(fileSystem, path, isRecursive))
  return { partition: partition?.number ?? null, kind: fileSystem.kind, files }
}

const LETTERS: Record<FileKind, string> = {
  file: '-',
  folder: 'd',
  link: 'l',
  'character device': 'c',
  'block device': 'b',
  fifo: 'p',
  socket: 's',
}

function fileLines(files: readonly WalkedFile[], isRecursive: boolean): string {
  const rows = files.map(({ kind, mode, uid, gid, sizeBytes, modifiedAt, name, path, linkTarget }) => [
    `${LETTERS[kind]}${permissions(mode)}`,
    String(uid),
    String(gid),
    String(sizeBytes),
    new Date(modifiedAt).toISOString().slice(0, 16).replace('T', ' '),
    `${oneLine(isRecursive ? path : name)}${linkTarget === null ? '' : ` -> ${oneLine(linkTarget)}`}`,
  ])
  const widths = [1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map(([mode, ...rest]) => [mode, ...rest.map((cell, index) => cell.padStart(widths[index] ?? 0))].join(' ')).join('\n')
}

/** As `ls` writes them: `rwxr-sr-t`. */
function permissions(mode: number): string {
  const triple = (bits: number, isSpecial: boolean, letter: string): string => {
    const canRun = (bits & 1) !== 0
    const last = isSpecial ? (canRun ? letter : letter.toUpperCase()) : canRun ? 'x' : '-'
    return `${(bits & 4) !== 0 ? 'r' : '-'}${(bits & 2) !== 0 ? 'w' : '-'}${last}`
  }
  return (
    triple(mode >> 6, (mode & 0o4000) !== 0, 's') + triple(mode >> 3, (mode & 0o2000) !== 0, 's') + triple(mode, (mode & 0o1000) !== 0, 't')
  )
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}

function partitionLines({ kind, diskId, partitions, warnings }: PartitionTable): string {
  const lines = partitions.map(({ number, startBytes, sizeBytes, type, name, uuid }) =>
    [String(number).padStart(3), `at ${size(startBytes)}`.padEnd(12), size(sizeBytes).padEnd(9), `type ${type}`, uuid, name]
      .join('  ')
      .trimEnd(),
  )
  return [`${kind} ${diskId}`, ...lines, ...warnings.map((warning) => `warning: ${warning}`)].join('\n')
}
