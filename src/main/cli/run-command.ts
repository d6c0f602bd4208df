import { type Command, CommanderError } from 'commander'
import { AppError } from '../contract/errors.ts'
import type { CliContext } from './context.ts'
import { helpOf } from './help.ts'
import { sayParagraphs } from './language.ts'

/** Thrown by a command whose outcome is negative though nothing broke; carries the exit code. */
export class NegativeOutcome extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super('negative outcome')
    this.exitCode = exitCode
  }
}

/** Parses and runs a command; answers the exit code. What commander refuses is BAD_INPUT. */
export async function runCommand(command: Command, args: readonly string[], context: CliContext): Promise<number> {
  prepare(command.name(`otabench ${command.name()}`), context)
  try {
    await command.parseAsync(args, { from: 'user' })
    return 0
  } catch (thrown) {
    if (thrown instanceof NegativeOutcome) return thrown.exitCode
    if (thrown instanceof CommanderError) return refusal(thrown, context)
    return context.out.failure(thrown)
  }
}

const EVERYWHERE = '\nAlso: --json, --quiet, --verbose, --data DIR, --server URL; see otabench --help.'

/** Notes begin with a break; what is before them is said by parts. */
const isNote = (text: string): boolean => text.startsWith('\n')

function prepare(command: Command, context: CliContext): void {
  const { out } = context
  command
    .addHelpText('after', EVERYWHERE)
    .configureHelp(helpOf(out.helpWidth))
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.raw(isNote(text) ? sayParagraphs(text, out.helpWidth) : text),
      writeErr: () => undefined,
    })
  for (const child of command.commands) prepare(child, context)
}

function refusal(error: CommanderError, context: CliContext): number {
  if (error.exitCode === 0) return 0
  const message = error.code === 'commander.help' ? 'A subcommand is missing' : error.message.replace(/^error: /, '')
  return context.out.failure(new AppError('BAD_INPUT', message, 'Add --help to see what the command takes.'))
}
