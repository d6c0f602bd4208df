import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'

export interface Sample {
  seconds: number
  /** Peak resident memory. */
  peakMb: number
}

/** Runs a program to its end, asking the kernel for its peak of memory meanwhile. */
export async function sample(program: readonly string[], cwd: string): Promise<Sample> {
  const [name = '', ...args] = program
  const startedAt = performance.now()
  const child = spawn(name, args, { cwd, stdio: 'ignore' })
  const ended = once(child, 'exit')
  let peakMb = 0
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, peakOf(child.pid ?? 0))
  }, 20)
  const [status]: unknown[] = await ended
  clearInterval(timer)
  if (status !== 0) throw new Error(`${program.join(' ')} ended with ${String(status)}`)
  return { seconds: (performance.now() - startedAt) / 1000, peakMb }
}

function peakOf(pid: number): number {
  const status = `/proc/${pid}/status`
  if (!existsSync(status)) return 0
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(status, 'utf8'))?.[1] ?? 0) * 1024) / 1e6
}
