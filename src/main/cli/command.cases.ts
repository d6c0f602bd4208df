import type { Command } from 'commander'
import { nodeHost } from '../engine/host.node.ts'
import type { CliContext, EngineClient } from './context.ts'
import { Printer } from './print.ts'
import { runCommand } from './run-command.ts'

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
  /** The engine that the command talks to. */
  client: EngineClient
  cwd: string
  signal?: AbortSignal
}

/** Runs one command line, without the global options; `--json` in front is understood. */
export async function runLine(args: readonly string[], { command, client, cwd, signal }: CommandSetting): Promise<CommandRun> {
  const written = { stdout: '', stderr: '' }
  const isJson = args[0] === '--json'
  const streams = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  }
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer(streams, { isJson, isQuiet: false, isVerbose: false, isTerminal: false }),
    signal: signal ?? new AbortController().signal,
    ...{ cwd, rendererFolder: '', environment: {} },
    globals: () => ({ data: cwd }),
    openEngine: async () => ({
      client,
      addArtifact: () => Promise.reject(new Error('this line uploads nothing')),
      [Symbol.asyncDispose]: async () => undefined,
    }),
  }
  const exitCode = await runCommand(command(context), isJson ? args.slice(1) : args, context)
  const json = isJson ? written.stdout.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)])) : []
  return { exitCode, ...written, json }
}
