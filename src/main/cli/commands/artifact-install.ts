import { Command } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { CliContext } from '../context.ts'
import { CHANGE_NOTES, type ChangeFlags, addChangeFlags, changeInside, changeTime, signedWords } from './artifact-change.ts'
import { INSIDE_NOTES, type InsidePath, neededInsidePath } from './artifact-inside.ts'
import { put, sourceOf } from './artifact-put.ts'

interface InstallFlags extends ChangeFlags {
  mode?: string
  directory?: boolean
}

const NOTES = `${INSIDE_NOTES}

The mode is octal, as of chmod; a folder that -d makes has 755 when none is said, and one that is there already stays as it is. The owner is
root. With a destination that ends with / or is a folder a file keeps its name.
${CHANGE_NOTES}`

/** `otabench artifact install -m MODE FILE… FILE:/PATH` and `install -d FILE:/PATH…`. */
export function installCommand(context: CliContext): Command {
  const command = new Command('install')
    .description('copy files into an artifact or image with a mode, or make folders there')
    .argument('<paths...>', 'FILE…  FILE:/path; with -d: FILE:/folder…')
    .option('-m, --mode <mode>', 'permissions in octal, for example 755 (required without -d)')
    .option('-d, --directory', 'make folders, with those above them')
  return addChangeFlags(command)
    .addHelpText('after', NOTES)
    .action((paths: string[], flags: InstallFlags) =>
      flags.directory ? makeFolders(paths, flags, context) : install(paths, flags, context),
    )
}

async function install(paths: readonly string[], flags: InstallFlags, context: CliContext): Promise<void> {
  const texts = paths.slice(0, -1)
  const { file, path } = neededInsidePath(paths.at(-1) ?? '')
  if (texts.length === 0)
    throw new AppError('BAD_INPUT', 'A source and a destination are needed', 'Write install -m MODE SOURCE DESTINATION.')
  if (flags.mode === undefined)
    throw new AppError('BAD_INPUT', 'No mode is given', 'Say it with -m, or use cp, which keeps that of the file.')
  if (texts.length > 1 && !path.endsWith('/'))
    throw new AppError('BAD_INPUT', `${texts.length} files cannot all become ${path}`, 'End the destination with /.')
  const ownership = { mode: modeOf(flags.mode), uid: 0, gid: 0 }
  const sources = await Promise.all(texts.map(async (text) => ({ ...(await sourceOf(text, context)), ownership })))
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
  context.out.result({ path: file, written: texts.length, ...changed }, `${file}: ${what} installed${signedWords(changed)}`)
}

async function makeFolders(paths: readonly string[], flags: InstallFlags, context: CliContext): Promise<void> {
  const { file, places } = insideOneFile(paths)
  const mode = flags.mode === undefined ? {} : { mode: modeOf(flags.mode) }
  const modifiedAt = changeTime(context)
  const changed = await changeInside(
    file,
    {
      flags,
      work: async (contents) => {
        for (const wanted of places)
          for (const { fileSystem, path } of await contents.places(wanted))
            await fileSystem.makeFolder(path, { ...mode, modifiedAt, hasParents: true })
      },
    },
    context,
  )
  context.out.result({ path: file, folders: places, ...changed }, `${file}: ${places.join(', ')} made${signedWords(changed)}`)
}

/** Paths that are all inside the same file; BAD_INPUT otherwise: a file is changed in one go. */
export function insideOneFile(texts: readonly string[]): { file: string; places: string[] } {
  const inside: InsidePath[] = texts.map(neededInsidePath)
  const [first] = inside
  if (!first || inside.some(({ file }) => file !== first.file))
    throw new AppError('BAD_INPUT', 'The paths are inside different files', 'Change one file at a time.')
  return { file: first.file, places: inside.map(({ path }) => path) }
}

/** A mode in octal. mender-artifact takes it for decimal: 755 becomes 1363 there. */
function modeOf(text: string): number {
  if (/^[0-7]{1,4}$/.test(text) && Number.parseInt(text, 8) > 0) return Number.parseInt(text, 8)
  throw new AppError('BAD_INPUT', `"${text}" is not a mode`, 'Write it in octal, for example 755.')
}
