import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import { type Contents, openContents } from '../../engine/contents/open-contents.ts'
import { refuseOwnInput } from '../../engine/lib/file-streams.ts'
import { writeSparse } from '../../engine/lib/image-file.ts'
import type { CliContext } from '../context.ts'
import { CHANGE_NOTES, type ChangeFlags, addChangeFlags, changeInside, changeTime, signedWords } from './artifact-change.ts'
import { absolute } from './artifact-files.ts'
import { INSIDE_NOTES, type LookFlags, type InsidePath, insidePathOf, readingOptions } from './artifact-inside.ts'
import { writeBeside, writeStdout } from './artifact-output.ts'
import { type Source, put, sourceOf } from './artifact-put.ts'

const NOTES = `${INSIDE_NOTES}

With a destination that ends with / or is a folder a file keeps its name; - is standard input or output. Several files are copied in one go,
and an artifact is packed once. A new file gets the mode of its source and root as owner; one that was there keeps its owner.
${CHANGE_NOTES}`

/** `otabench artifact cp SRC… DST`, one of them FILE:/PATH. */
export function cpCommand(context: CliContext): Command {
  const command = new Command('cp')
    .description('copy files into an artifact or image, or out of it')
    .argument('<paths...>', 'sources and destination: FILE…  FILE:/path, or FILE:/path…  FILE')
  return addChangeFlags(command)
    .addHelpText('after', NOTES)
    .action((paths: string[], flags: ChangeFlags) => cp(paths, flags, context))
}

async function cp(paths: readonly string[], flags: ChangeFlags, context: CliContext): Promise<void> {
  const sources = paths.slice(0, -1)
  const target = paths.at(-1) ?? ''
  if (sources.length === 0) throw new AppError('BAD_INPUT', 'A source and a destination are needed', 'Write cp SOURCE DESTINATION.')
  const inside = insidePathOf(target)
  const places = sources.map(insidePathOf).filter((place) => place !== null)
  if (inside && places.length === 0) return copyIn(sources, { ...inside, text: target }, flags, context)
  if (!inside && places.length === sources.length) return copyOut(places, target, flags, context)
  const message =
    inside || places.length > 0 ? 'Files are copied between this machine and the inside of one file' : 'None of the paths is inside a file'
  throw new AppError('BAD_INPUT', message, 'Write FILE:/PATH on one side only, for example cp motd release.mender:/etc/motd.')
}

async function copyIn(
  texts: readonly string[],
  { file, path, text }: InsidePath & { text: string },
  flags: ChangeFlags,
  context: CliContext,
): Promise<void> {
  if (texts.length > 1 && !path.endsWith('/'))
    throw new AppError('BAD_INPUT', `${texts.length} files cannot all become ${text}`, 'End the destination with /.')
  const { host, out } = context
  const input = join(tmpdir(), `otabench-stdin-${randomUUID()}`)
  try {
    const sources: Source[] = []
    for (const source of texts) sources.push(source === '-' ? await standardInput(input, context) : await sourceOf(source, context))
    const setting = { changedAt: changeTime(context), context }
    const changed = await changeInside(
      file,
      {
        flags,
        work: async (contents) => {
          for (const source of sources) await put(contents, path, source, setting)
        },
      },
      context,
    )
    const what = texts.length === 1 ? path : `${texts.length} files in ${path}`
    out.result({ path: file, written: texts.length, ...changed }, `${file}: ${what} written${signedWords(changed)}`)
  } finally {
    await host.files.remove(input)
  }
}

/** Standard input in a file: an image has to know how much comes. */
async function standardInput(path: string, { host }: CliContext): Promise<Source> {
  await using file = await host.files.open(path, 'create')
  return { path, name: null, sizeBytes: await writeSparse(file, process.stdin), ownership: {} }
}

async function copyOut(places: readonly InsidePath[], target: string, flags: LookFlags, context: CliContext): Promise<void> {
  const { host, cwd, out } = context
  const [first] = places
  if (!first || places.some(({ file }) => file !== first.file))
    throw new AppError('BAD_INPUT', 'The sources are inside different files', 'Copy out of one file at a time.')
  await using contents = await openContents(absolute(cwd, first.file), readingOptions(flags, context))
  const isFolder = target.endsWith('/') || (target !== '-' && (await host.files.stat(absolute(cwd, target)))?.kind === 'folder')
  if (places.length > 1 && !isFolder && target !== '-')
    throw new AppError('BAD_INPUT', `${places.length} files cannot all become ${target}`, 'Name a folder.')
  for (const { file, path } of places)
    await copyOne(contents, { file, from: path, to: isFolder ? join(target, basename(path)) : target }, context)
  if (target !== '-')
    out.result({ path: target, written: places.length }, `${target}: ${places.length === 1 ? first.path : `${places.length} files`} copied`)
}

interface CopyOut {
  /** The file that it is inside of. */
  file: string
  from: string
  to: string
}

async function copyOne(contents: Contents, { file: source, from, to }: CopyOut, { host, cwd, signal }: CliContext): Promise<void> {
  const { fileSystem, path } = await contents.find(from)
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    for await (const piece of fileSystem.content(path)) {
      signal.throwIfAborted()
      yield piece
    }
  }
  if (to === '-') {
    for await (const piece of pieces()) await writeStdout(piece)
    return
  }
  const facts = await fileSystem.stat(path)
  await refuseOwnInput(host.files, absolute(cwd, to), [absolute(cwd, source)])
  await writeBeside(host.files, absolute(cwd, to), async (file) => {
    await writeSparse(file, pieces())
    if (facts?.kind === 'file') await host.files.setMode(file.path, facts.mode)
  })
}
