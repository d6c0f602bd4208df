import manifest from '../../../package.json' with { type: 'json' }
import { AppError } from '../contract/errors.ts'
import { parseGlobals } from './args.ts'
import { type CommandEntry, COMMANDS, usage } from './commands.ts'
import type { CliContext } from './context.ts'
import { speak } from './language.ts'
import { wantedLanguages } from './locale.ts'
import { watchOutlets } from './outlets.ts'
import { Printer } from './print.ts'
import { nodeHost } from '../engine/host.node.ts'

/** Runs one command line; answers the exit code. `rendererFolder`: where the page lies that a server hands out. */
export async function main(argv: readonly string[], rendererFolder: string): Promise<number> {
  const isTerminal = process.stderr.isTTY
  const streams = { stdout: process.stdout, stderr: process.stderr }
  const plain = { isJson: false, isQuiet: false, isVerbose: argv.includes('--verbose'), isTerminal }
  try {
    await speak(wantedLanguages(process.env))
    const { globals, rest, ...style } = parseGlobals(argv, process.env, process.cwd())
    const out = new Printer(streams, { ...style, isTerminal })
    const abort = new AbortController()
    watchOutlets(process, { onGone: (reason) => abort.abort(reason), onFailure: (error) => process.exit(out.failure(error)) })
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(name, () => abort.abort(new AppError('CANCELLED', `Stopped by ${name}`)))
    const context: CliContext = {
      host: nodeHost(),
      out,
      signal: abort.signal,
      cwd: process.cwd(),
      rendererFolder,
      environment: process.env,
      globals: () => globals,
      openEngine: async () => (await import('./session.ts')).openSession(context),
    }
    return await dispatch(rest, context)
  } catch (thrown) {
    return new Printer(streams, plain).failure(thrown)
  }
}

async function dispatch([name, ...args]: string[], context: CliContext): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    context.out.verbatim({ commands: Object.keys(COMMANDS) }, usage(context.out.helpWidth))
    return 0
  }
  if (name === '--version') {
    context.out.verbatim({ version: manifest.version }, `otabench ${manifest.version}`)
    return 0
  }
  const entry: CommandEntry | undefined = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!entry) throw new AppError('BAD_INPUT', `There is no command "${name}"`, 'See otabench --help.')
  const { runCommand } = await import('./run-command.ts')
  return runCommand(await entry.load(context), args, context)
}
