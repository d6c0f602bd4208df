import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BOMBS } from './bombs.cases.ts'
import { DEFAULT_LIMITS, limitsWith } from './limits.ts'
import { checkArtifact } from './read.ts'
import { inPieces } from './samples.cases.ts'

const run = promisify(execFile)
const CHILD = fileURLToPath(import.meta.resolve('./bomb-child.cases.ts'))

/** How far memory may grow above a process that has not yet read anything. */
const GROWTH_MIB = 64
/** What a decoder makes at a time, twice: one is being read while the next is made. */
const AHEAD_BYTES = 4 << 20

const outcome = z.object({ said: z.string(), grownMiB: z.number(), expandedBytes: z.number() })

const bomb = async (name: string): Promise<Uint8Array> => (await BOMBS[name]?.()) ?? new Uint8Array(0)
const throughConnections = Object.keys(BOMBS).filter((name) => /512 MiB|stored in|slowest/.test(name))

describe('a bomb costs no more than 64 MiB, and expands no further than the limits', () => {
  const place = { folder: '' }
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'otabench-bombs-'))
  })
  afterAll(() => rm(place.folder, { recursive: true }))

  async function read(name: string, ...how: string[]): Promise<z.infer<typeof outcome>> {
    const path = join(place.folder, 'bomb.mender')
    await writeFile(path, await bomb(name))
    const { stdout } = await run(process.execPath, [CHILD, path, ...how])
    const found = outcome.parse(JSON.parse(stdout))
    expect(found.said).toMatch(/^(sound$|ARTIFACT_INVALID: |EXPANSION_LIMIT: )/)
    expect(found.grownMiB).toBeLessThan(GROWTH_MIB)
    return found
  }
  // Every case is small: what is stored allows no more than the floor does.
  const mostBytes = DEFAULT_LIMITS.headerExpanded + DEFAULT_LIMITS.expandedFloor + AHEAD_BYTES

  it.each(Object.keys(BOMBS))('%s', async (name) => {
    expect((await read(name)).expandedBytes).toBeLessThanOrEqual(mostBytes)
  })

  it.each(throughConnections)('%s, from a connection', async (name) => {
    expect((await read(name, 'stream')).expandedBytes).toBeLessThanOrEqual(mostBytes)
  })

  it.each(['gzip', 'lzma', 'zstd_fast'])('%s: what declares too much is refused at its tar header', async (id) => {
    for (const name of ['512 MiB of payload', '16 MiB of payload that says it is 7 GiB']) {
      const { said, expandedBytes } = await read(`${id}: ${name}`)
      expect(said).toMatch(
        /^EXPANSION_LIMIT: data\/0000\.tar declares \d+ bytes, [\d,]+ times the \d+ that it is stored in, more than 100 times/,
      )
      expect(expandedBytes).toBeLessThan(AHEAD_BYTES)
    }
  })

  it('is refused when more has come than what has arrived allows, whatever it says that it is stored in', async () => {
    const name = 'lzma: payload said to be stored in 4 GiB'
    expect((await read(name)).said).toMatch(
      /^ARTIFACT_INVALID: artifact ends at byte \d+, \d+ bytes before the end of data\/0000\.tar\.xz$/,
    )
    expect((await read(name, 'stream')).said).toMatch(
      /^EXPANSION_LIMIT: data\/0000\.tar expands to \d+ bytes, [\d,]+ times the \d+ that have come of it/,
    )
  })
})

describe('an artifact that expands far', () => {
  it('is read whole by who allows it', async () => {
    const bytes = await bomb('zstd_fast: 512 MiB of payload')
    const limits = limitsWith({ allowExpansion: true })
    const content = await checkArtifact(inPieces(bytes), { limits, totalBytes: bytes.length })
    expect(content.files).toMatchObject([{ sizeBytes: 512 << 20 }])
  })

  it('is told apart from one that is broken, with the flag that lets it through', async () => {
    const bytes = await bomb('gzip: 512 MiB of payload')
    await expect(checkArtifact(inPieces(bytes), { totalBytes: bytes.length })).rejects.toMatchObject({
      code: 'EXPANSION_LIMIT',
      hint: expect.stringContaining('--allow-expansion'),
    })
  })
})
