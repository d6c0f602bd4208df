import { Command } from 'commander'
import type { EditContents } from '../../engine/contents/edit-contents.ts'
import { notFound } from '../../engine/image/file-system.ts'
import type { CliContext } from '../context.ts'
import { CHANGE_NOTES, type ChangeFlags, addChangeFlags, changeInside, signedWords } from './artifact-change.ts'
import { INSIDE_NOTES } from './artifact-inside.ts'
import { insideOneFile } from './artifact-install.ts'

interface RmFlags extends ChangeFlags {
  recursive?: boolean
}

/** `otabench artifact rm FILE:/PATH…`. */
export function rmCommand(context: CliContext): Command {
  const command = new Command('rm')
    .description('remove files that are inside an artifact or image')
    .argument('<FILE:/path...>')
    .option('-r, --recursive', 'folders too, with all that is in them')
  return addChangeFlags(command)
    .addHelpText('after', `${INSIDE_NOTES}\n${CHANGE_NOTES}`)
    .action((paths: string[], flags: RmFlags) => rm(paths, flags, context))
}

async function rm(paths: readonly string[], flags: RmFlags, context: CliContext): Promise<void> {
  const { file, places } = insideOneFile(paths)
  const changed = await changeInside(
    file,
    {
      flags,
      work: async (contents) => {
        for (const path of places) await removeFrom(contents, path, flags.recursive ?? false)
      },
    },
    context,
  )
  context.out.result({ path: file, removed: places, ...changed }, `${file}: ${places.join(', ')} removed${signedWords(changed)}`)
}

/** Removes a path wherever it is: of root file systems A and B one may not have it. */
async function removeFrom(contents: EditContents, wanted: string, isRecursive: boolean): Promise<void> {
  let removed = 0
  for (const { fileSystem, path } of await contents.places(wanted)) {
    if (!(await fileSystem.stat(path))) continue
    await fileSystem.remove(path, { isRecursive })
    removed += 1
  }
  if (removed === 0) throw notFound(wanted)
}
