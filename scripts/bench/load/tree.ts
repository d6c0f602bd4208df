import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'

export interface TreeSample {
  seconds: number
  /** Peaks of resident memory over a program and all that it starts: with what they share counted for each, and counted once. */
  peakMb: number
  peakOwnMb: number
  /** What it said on its standard output. */
  output: string
}

const EVERY_MS = 100

/** Runs a program to its end, and looks at the memory of its whole tree meanwhile. */
export async function sampleTree(
  [name = '', ...args]: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<TreeSample> {
  const startedAt = performance.now()
  const child = spawn(name, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [said, output] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2000)))
  const ended = once(child, 'close')
  let [peakMb, peakOwnMb] = [0, 0]
  const timer = setInterval(() => {
    const memory = treeOf(child.pid ?? 0).map(memoryOf)
    peakMb = Math.max(peakMb, sum(memory.map(({ rss }) => rss)))
    // Other programs of this machine share the same files, so each one's own share of them says nothing.
    peakOwnMb = Math.max(peakOwnMb, sum(memory.map(({ own }) => own)) + Math.max(...memory.map(({ shared }) => shared)))
  }, EVERY_MS)
  const [status]: unknown[] = await ended
  clearInterval(timer)
  if (status !== 0) throw new Error(`${name} ${args.join(' ')} ended with ${String(status)}: ${said}`)
  return { seconds: (performance.now() - startedAt) / 1000, peakMb, peakOwnMb, output }
}

const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0)

/** The ids of a process and of all that it has started, and those have. */
export function treeOf(root: number): number[] {
  const parents = readdirSync('/proc').flatMap((name) => {
    const parent = /^\d+$/.test(name) ? /\) \S (\d+)/.exec(textOf(`/proc/${name}/stat`))?.[1] : undefined
    return parent === undefined ? [] : [[Number(name), Number(parent)] as const]
  })
  const tree = [root]
  for (const at of tree) for (const [id, parent] of parents) if (parent === at) tree.push(id)
  return tree
}

function memoryOf(id: number): { rss: number; own: number; shared: number } {
  const text = textOf(`/proc/${id}/smaps_rollup`)
  const field = (name: string) => (Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024) / 1e6
  const own = field('Private_Clean') + field('Private_Dirty')
  return { rss: field('Rss'), own, shared: field('Rss') - own }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
