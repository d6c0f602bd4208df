import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** `otabench`, as a shell takes it. */
export const OTABENCH = `'${process.execPath}' --no-warnings '${fileURLToPath(import.meta.resolve('../cli.ts'))}'`

/** What is typed once the terminal shows something after what was typed last. */
export interface Typing {
  at: string
  keys: string
}

export interface Typed {
  exitCode: unknown
  /** All that the terminal showed. */
  shown: string
}

/** Runs a line of bash on a terminal of its own (script, of util-linux), with somebody at its keyboard. */
export async function onTerminal(line: string, cwd: string, typings: readonly Typing[]): Promise<Typed> {
  const environment = { ...process.env, SHELL: '/bin/bash' }
  const child = spawn('script', ['-qec', line, '/dev/null'], { cwd, env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const left = [...typings]
  let shown = ''
  let seenLength = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
    const [next] = left
    if (!next || !shown.slice(seenLength).includes(next.at)) return
    left.shift()
    seenLength = shown.length
    child.stdin.write(next.keys)
  })
  const [exitCode] = await once(child, 'close')
  return { exitCode, shown }
}
