import { open } from 'node:fs/promises'
import { peakMemoryMiB } from './peak-memory.cases.ts'
import { checkArtifact } from './read.ts'

// Started by bombs.test.ts: reads an artifact as the command line does, and says what came of it, and what it cost.

const [, , path = ''] = process.argv

async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
  await using file = await open(path)
  const chunk = new Uint8Array(256 * 1024)
  for (let position = 0; ;) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) return
    position += bytesRead
    yield chunk.subarray(0, bytesRead)
  }
}

const before = peakMemoryMiB()
const startedAt = performance.now()
const said = await checkArtifact(chunks()).then(
  () => 'sound',
  (thrown: unknown) => (thrown instanceof Error ? `${'code' in thrown ? String(thrown.code) : 'no code'}: ${thrown.message}` : 'no error'),
)
const { userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(
  JSON.stringify({
    said,
    grownMiB: Math.round(peakMemoryMiB() - before),
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  }),
)
