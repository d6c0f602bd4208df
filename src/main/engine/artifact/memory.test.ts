import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkArtifact } from './read.ts'
import { brokenArtifact, bytesOf, inPieces } from './samples.cases.ts'

const run = promisify(execFile)
const CHILD = fileURLToPath(import.meta.resolve('./memory-child.cases.ts'))

/** How far memory may grow above a bare process: far less than any image, far more than the buffers in flight. */
const WRITE_MIB = 150
const READ_MIB = 64

describe('memory stays flat with an image of 1 GiB', () => {
  const place = { folder: '' }
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'otabench-memory-'))
  })
  afterAll(() => rm(place.folder, { recursive: true }))

  it.each(['none', 'gzip', 'zstd_fast', 'lzma'])('written and checked with compression %s', async (compression) => {
    for (const work of ['write', 'read']) {
      const { stdout } = await run(process.execPath, [CHILD, work, place.folder, compression])
      expect(Number(stdout)).toBeLessThan(work === 'write' ? WRITE_MIB : READ_MIB)
    }
  })
})

describe('a bomb', () => {
  it('of ever more levels in JSON is refused', async () => {
    const deep = brokenArtifact({ headerInfo: bytesOf('['.repeat(250_000) + ']'.repeat(250_000)) })
    await expect(checkArtifact(inPieces(deep))).rejects.toThrow(/nested deeper than/)
  })

  it('of 200 000 manifest lines is refused by its size', async () => {
    const lines = bytesOf(`${'0'.repeat(64)}  data/0000/x\n`.repeat(200_000))
    await expect(checkArtifact(inPieces(brokenArtifact({ manifest: lines })))).rejects.toThrow(/more than the 1048576 that are accepted/)
  })
})
