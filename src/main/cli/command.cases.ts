import type { Command } from 'commander'
import { nodeHost } from '../engine/host.node.ts'
import type { CliContext, EngineClient, EngineSession, GlobalOptions } from './context.ts'
import { Printer } from './print.ts'
import { runCommand } from './run-command.ts'
import { openSession } from './session.ts'

/** What a command line came to. */
export interface CommandRun {
  exitCode: number
  stdout: string
  stderr: string
  /** Of each line of stdout, with --json. */
  json: unknown[]
}

export interface CommandSetting {
  command: (context: CliContext) => Command
  /** The engine that the command talks to; without one, it opens the session that `globals` name. */
  client?: EngineClient
  globals?: Partial<GlobalOptions>
  cwd: string
  signal?: AbortSignal
  rendererFolder?: string
  environment?: Record<string, string>
  /** Sees what is written to stdout as it is written. */
  onOutput?: (text: string) => void
  /** The same for stderr. */
  onNote?: (text: string) => void
}

/** Runs one command line, without the global options; `--json` in front is understood. */
export async function runLine(args: readonly string[], setting: CommandSetting): Promise<CommandRun> {
  const { command, client, cwd, globals = {}, rendererFolder = '', environment = {}, onOutput, onNote } = setting
  const written = { stdout: '', stderr: '' }
  const isJson = args[0] === '--json'
  const streams = {
    stdout: {
      write: (text: string) => {
        written.stdout += text
        onOutput?.(text)
      },
    },
    stderr: {
      write: (text: string) => {
        written.stderr += text
        onNote?.(text)
      },
    },
  }
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer(streams, { isJson, isQuiet: false, isVerbose: false, isTerminal: false }),
    signal: setting.signal ?? new AbortController().signal,
    ...{ cwd, rendererFolder, environment },
    globals: () => ({ data: cwd, ...globals }),
    openEngine: () => (client ? Promise.resolve(sessionOf(client)) : openSession(context)),
  }
  const exitCode = await runCommand(command(context), isJson ? args.slice(1) : args, context)
  const json = isJson ? written.stdout.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)])) : []
  return { exitCode, ...written, json }
}

function sessionOf(client: EngineClient): EngineSession {
  return {
    client,
    addArtifact: () => Promise.reject(new Error('this line uploads nothing')),
    [Symbol.asyncDispose]: async () => undefined,
  }
}
