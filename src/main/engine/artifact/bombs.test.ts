import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { BOMBS } from './bombs.cases.ts'

const run = promisify(execFile)
const CHILD = fileURLToPath(import.meta.resolve('./bomb-child.cases.ts'))

/** How far memory may grow above a process that has not yet read anything. */
const GROWTH_MIB = 64

const outcome = z.object({ said: z.string(), grownMiB: z.number() })

describe('a bomb costs no more than 64 MiB', () => {
  const place = { folder: '' }
  beforeAll(async () => {
    place.folder = await mkdtemp(join(tmpdir(), 'otabench-bombs-'))
  })
  afterAll(() => rm(place.folder, { recursive: true }))

  it.each(Object.keys(BOMBS))('%s', async (name) => {
    const path = join(place.folder, 'bomb.mender')
    await writeFile(path, (await BOMBS[name]?.()) ?? '')
    const { stdout } = await run(process.execPath, [CHILD, path])
    const { said, grownMiB } = outcome.parse(JSON.parse(stdout))
    expect(said).toMatch(/^(sound$|ARTIFACT_INVALID: )/)
    expect(grownMiB).toBeLessThan(GROWTH_MIB)
  })
})
