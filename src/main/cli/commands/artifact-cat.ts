import { Command } from 'commander'
import { openContents } from '../../engine/contents/open-contents.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'
import { INSIDE_NOTES, type LookFlags, addLookFlags, neededInsidePath, readingOptions } from './artifact-inside.ts'
import { writeStdout } from './artifact-output.ts'

const NOTES = `${INSIDE_NOTES}

Links are followed. Of a compressed payload only as much is read as it takes, so its checksum is not compared: validate does that.`

/** `otabench artifact cat FILE:/PATH`. */
export function catCommand(context: CliContext): Command {
  const command = new Command('cat')
    .description('write a file that is inside an artifact or image to standard output')
    .argument('<FILE:/path>')
  return addLookFlags(command)
    .addHelpText('after', NOTES)
    .action((text: string, flags: LookFlags) => cat(text, flags, context))
}

async function cat(text: string, flags: LookFlags, context: CliContext): Promise<void> {
  const { file, path: wanted } = neededInsidePath(text)
  const options = { ...readingOptions(flags, context), onProgress: undefined }
  await using contents = await openContents(absolute(context.cwd, file), options)
  const { fileSystem, path } = await contents.find(wanted)
  for await (const piece of fileSystem.content(path)) await writeStdout(piece)
}
