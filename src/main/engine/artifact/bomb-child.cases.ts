import { open, stat } from 'node:fs/promises'
import { peakMemoryMiB } from './peak-memory.cases.ts'
import { checkArtifact } from './read.ts'

// Started by bombs.test.ts: reads an artifact, and says what came of it, and what it cost. As the command line does, which knows the size of
// the file; with a second word as from a connection, which does not.

const [, , path = '', asStream] = process.argv

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
let expandedBytes = 0
const meter = (bytes: number): void => {
  expandedBytes += bytes
}
const totalBytes = asStream === undefined ? (await stat(path)).size : undefined
const said = await checkArtifact(chunks(), { meter, ...(totalBytes !== undefined && { totalBytes }) }).then(
  () => 'sound',
  (thrown: unknown) => (thrown instanceof Error ? `${'code' in thrown ? String(thrown.code) : 'no code'}: ${thrown.message}` : 'no error'),
)
const { userCPUTime, systemCPUTime } = process.resourceUsage()
console.log(
  JSON.stringify({
    said,
    expandedBytes,
    grownMiB: Math.round(peakMemoryMiB() - before),
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  }),
)
