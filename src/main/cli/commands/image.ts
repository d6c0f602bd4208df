import { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { bmapCommand } from './image-bmap.ts'
import { composeCommand } from './image-compose.ts'
import { convertCommand } from './image-convert.ts'
import { extractCommand } from './image-extract.ts'
import { inspectCommand } from './image-inspect.ts'
import { compareCommand, readCommand } from './image-read.ts'
import { seedCommand } from './image-seed.ts'

/** `otabench image`: works on disk images alone; needs no engine and no data folder. */
export function imageCommand(context: CliContext): Command {
  return new Command('image')
    .description('Make disk images, look at them and read cards into them, offline.')
    .addCommand(inspectCommand(context))
    .addCommand(bmapCommand(context))
    .addCommand(extractCommand(context))
    .addCommand(readCommand(context))
    .addCommand(compareCommand(context))
    .addCommand(composeCommand(context))
    .addCommand(convertCommand(context))
    .addCommand(seedCommand(context))
}
