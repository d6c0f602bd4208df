import { Command } from 'commander'
import { openContents } from '../../engine/contents/open-contents.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'
import { INSIDE_NOTES, neededInsidePath, partitionOption, readingOptions } from './artifact-inside.ts'
import { writeStdout } from './artifact-output.ts'

const NOTES = `${INSIDE_NOTES}

Links are followed. Of a compressed payload only as much is read as it takes, so its checksum is not compared: validate does that.`

/** `otabench artifact cat FILE:/PATH`. */
export function catCommand(context: CliContext): Command {
  return new Command('cat')
    .description('write a file that is inside an artifact or image to standard output')
    .argument('<FILE:/path>')
    .addOption(partitionOption())
    .addHelpText('after', NOTES)
    .action((text: string, { partition }: { partition: string[] }) => cat(text, partition, context))
}

async function cat(text: string, partitions: readonly string[], context: CliContext): Promise<void> {
  const { file, path: wanted } = neededInsidePath(text)
  const options = { ...readingOptions(partitions, context), onProgress: undefined }
  await using contents = await openContents(absolute(context.cwd, file), options)
  const { fileSystem, path } = await contents.find(wanted)
  for await (const piece of fileSystem.content(path)) await writeStdout(piece)
}
