// npm run fuzz -- TARGET [--seconds N] [--seed N] [--from N]: feeds damaged inputs to what must refuse them in words, until something else
// happens. What was fed then is saved beside; the same seed and number make it again.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type FuzzTarget, PATIENCE_MS, inputOf, tryInput } from '../src/main/engine/lib/fuzz.cases.ts'

/** Everything that can be fuzzed, by name. */
const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  artifact: async () => (await import('../src/main/engine/artifact/fuzz.cases.ts')).artifactFuzz,
  writer: async () => (await import('../src/main/writer/fuzz.cases.ts')).writerFuzz,
}

const MEMORY_MIB = 400
const FOLDER = join(import.meta.dirname, '../out/fuzz')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    from: { type: 'string', default: '0' },
    child: { type: 'boolean', default: false },
  },
})
const [name = ''] = positionals
const [seconds, seed, from] = [values.seconds, values.seed, values.from].map(Number)

/** Feeds one input after the other, and tells the parent of each before it starts. Ends at the first finding. */
async function feed(target: FuzzTarget): Promise<void> {
  const until = performance.now() + (seconds ?? 0) * 1000
  for (let number = from ?? 0; performance.now() < until; number += 1) {
    process.send?.({ number })
    const finding = await tryInput(target, seed ?? 0, number)
    const memoryMiB = process.memoryUsage.rss() / 2 ** 20
    if (finding) throw new Error(`input ${number}`, { cause: finding.thrown })
    if (memoryMiB > MEMORY_MIB) throw new Error(`input ${number}: ${Math.round(memoryMiB)} MiB of memory`)
  }
  process.disconnect()
}

/** Watches a child that feeds: an input that makes it loop or crash is a finding like any other. */
async function watch(target: FuzzTarget): Promise<void> {
  console.log(`Fuzzing ${name} for ${values.seconds} s with seed ${values.seed}…`)
  const child = fork(import.meta.filename, [...process.argv.slice(2), '--seed', values.seed, '--child'])
  let number = from ?? 0
  const hang = (): void => {
    console.error(`input ${number}: no answer after ${(2 * PATIENCE_MS) / 1000} s`)
    child.kill('SIGKILL')
  }
  let timer = setTimeout(hang, 2 * PATIENCE_MS)
  child.on('message', (said: { number: number }) => {
    number = said.number
    clearTimeout(timer)
    timer = setTimeout(hang, 2 * PATIENCE_MS)
  })
  const [code]: unknown[] = await once(child, 'exit')
  clearTimeout(timer)
  if (code === 0) return console.log(`${number + 1 - (from ?? 0)} inputs, nothing found.`)
  await mkdir(FOLDER, { recursive: true })
  const path = join(FOLDER, `${name}-${values.seed}-${number}`)
  await writeFile(path, await inputOf(target, seed ?? 0, number))
  console.error(`Found something. The input is ${path}; again: npm run fuzz -- ${name} --seed ${values.seed} --from ${number}`)
  process.exitCode = 1
}

const load = TARGETS[name]
if (!load) {
  console.error(`What to fuzz? ${Object.keys(TARGETS).join(', ')}`)
  process.exitCode = 2
} else if (values.child) await feed(await load())
else await watch(await load())
