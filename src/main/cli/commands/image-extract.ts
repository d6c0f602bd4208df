import { Command } from 'commander'
import { extract } from '../../engine/contents/extract.ts'
import { openContents } from '../../engine/contents/open-contents.ts'
import type { CliContext } from '../context.ts'
import { absolute } from './artifact-files.ts'
import { INSIDE_NOTES, type LookFlags, addLookFlags, neededInsidePath, readingOptions } from './artifact-inside.ts'
import { rawImage } from './image-unpacked.ts'

const NOTES = `${INSIDE_NOTES}

TO must not be there. Links are copied as links; devices, pipes, sockets, owners and set-id bits are not. What fails leaves nothing behind.`

/** `otabench image extract FILE:/PATH TO`. */
export function extractCommand(context: CliContext): Command {
  const command = new Command('extract')
    .description('copy a file, or a folder with everything in it, out of an image, a drive or an artifact')
    .argument('<FILE:/path>')
    .argument('<to>', 'what is made of it')
  return addLookFlags(command)
    .addHelpText('after', NOTES)
    .action((text: string, to: string, flags: LookFlags) => run(text, { ...flags, to }, context))
}

async function run(text: string, { to, ...flags }: LookFlags & { to: string }, context: CliContext): Promise<void> {
  const { host, cwd, out, signal } = context
  const { file, path: wanted } = neededInsidePath(text)
  await using image = await rawImage(absolute(cwd, file), context)
  await using contents = await openContents(image.rawPath, { ...readingOptions(flags, context), onProgress: undefined })
  const { fileSystem, path } = await contents.find(wanted)
  const onProgress = (done: number, total: number): void => out.progress(done, total, 'copied')
  const made = await extract(fileSystem, path, { files: host.files, to: absolute(cwd, to), signal, onProgress })
  const { fileCount, folderCount, linkCount, leftOut, leftOutCount } = made
  for (const each of leftOut) out.important(`warning: left out, neither file, folder nor link: ${each}`)
  if (leftOutCount > leftOut.length) out.important(`warning: and ${leftOutCount - leftOut.length} more`)
  out.result({ path: absolute(cwd, to), ...made }, `${to}: ${fileCount} files, ${folderCount} folders, ${linkCount} links`)
}
