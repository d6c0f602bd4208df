import { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { bmapCommand } from './image-bmap.ts'
import { extractCommand } from './image-extract.ts'
import { inspectCommand } from './image-inspect.ts'

/** `otabench image`: works on disk images alone; needs no engine and no data folder. */
export function imageCommand(context: CliContext): Command {
  return new Command('image')
    .description('Look at disk images, offline.')
    .addCommand(inspectCommand(context))
    .addCommand(bmapCommand(context))
    .addCommand(extractCommand(context))
}
