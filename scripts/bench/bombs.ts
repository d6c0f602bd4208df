import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { BOMBS } from '../../src/main/engine/artifact/bombs.cases.ts'
import type { Row } from '../bench.ts'

const run = promisify(execFile)
const CHILD = join(import.meta.dirname, '../../src/main/engine/artifact/bomb-child.cases.ts')
const COMMAND = 'npm run bench bombs'

const cost = z.object({ seconds: z.number(), cpuSeconds: z.number(), grownMiB: z.number(), expandedBytes: z.number() })

/** What reading the worst of the artifacts costs that bombs.test.ts has: each in a process of its own, without its start. */
export async function benchBombs(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'otabench-bench-'))
  const costs: (z.infer<typeof cost> & { name: string })[] = []
  try {
    const path = join(folder, 'bomb.mender')
    for (const [name, make] of Object.entries(BOMBS)) {
      await writeFile(path, await make())
      const { stdout } = await run(process.execPath, [CHILD, path])
      costs.push({ name, ...cost.parse(JSON.parse(stdout)) })
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  // The first is no bomb: what it costs is the start of a process.
  const [none] = costs
  for (const each of costs.slice(1)) each.cpuSeconds -= none?.cpuSeconds ?? 0
  const worst = (what: string, key: keyof z.infer<typeof cost>, unit: string, divisor = 1): Row => {
    const found = costs.slice(1).reduce((most, each) => (each[key] > most[key] ? each : most))
    return { what: `worst of ${costs.length - 1} bombs: ${what} (${found.name})`, ours: found[key] / divisor, unit, command: COMMAND }
  }
  return [
    worst('time', 'seconds', 's'),
    worst('CPU', 'cpuSeconds', 's'),
    worst('memory', 'grownMiB', 'MiB'),
    worst('expanded', 'expandedBytes', 'MiB', 2 ** 20),
  ]
}
