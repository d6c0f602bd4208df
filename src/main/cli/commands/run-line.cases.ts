import { nodeHost } from '../../engine/host.node.ts'
import type { CliContext } from '../context.ts'
import { Printer } from '../print.ts'
import { runCommand } from '../run-command.ts'
import { openSession } from '../session.ts'
import { artifactCommand } from './artifact.ts'

export interface Run {
  exitCode: number
  stdout: string
  stderr: string
}

interface RunOptions {
  cwd: string
  isJson?: boolean
  signal?: AbortSignal
}

/** Runs one line, `artifact …`, as the shell would split it, in a folder of its own. */
export async function runArtifactLine(
  line: string,
  { cwd, isJson = false, signal = new AbortController().signal }: RunOptions,
): Promise<Run> {
  const written = { stdout: '', stderr: '' }
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text
    },
  })
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer({ stdout: into('stdout'), stderr: into('stderr') }, { isJson, isQuiet: false, isVerbose: false, isTerminal: false }),
    signal,
    cwd,
    environment: {},
    globals: () => ({ data: `${cwd}/data` }),
    rendererFolder: '',
    openEngine: () => openSession(context),
  }
  return { exitCode: await runCommand(artifactCommand(context), line.split(' ').slice(1), context), ...written }
}
