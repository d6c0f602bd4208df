import { randomBytes } from 'node:crypto'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { type ErrorCode, toAppError } from '../../contract/errors.ts'
import type { Job } from '../../contract/jobs.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

/** The job that takes this file into the library, ended. */
async function add(path: string): Promise<{ id: string; job: Job | undefined }> {
  const { id, jobId } = await bench.client.artifacts.add({ path, description: '' })
  const find = (jobs: Job[]) => jobs.find((job) => job.id === jobId)
  const jobs = await until(bench.client.jobs.list(), (all) => find(all)?.state !== 'running')
  return { id, job: find(jobs) }
}
const library = () => now(bench.client.artifacts.list())
const filesOf = async (folder: string): Promise<string[]> => (await readdir(join(bench.folder, 'data', 'artifacts', folder))).toSorted()

/** What must not come in: how the failure is called, and the path in the folder of the bench. */
const BAD_FILES: [string, ErrorCode, () => Promise<string>][] = [
  ['that is missing', 'NOT_FOUND', async () => 'missing.mender'],
  ['that is a folder', 'BAD_INPUT', async () => '.'],
  ['that is no artifact', 'ARTIFACT_INVALID', () => fileOf('noise.mender', randomBytes(100_000))],
  [
    'that is cut off',
    'ARTIFACT_INVALID',
    async () => fileOf('cut.mender', (await readFile(await bench.artifactFile('cut-off'))).subarray(0, 9000)),
  ],
  ['whose name is taken', 'CONFLICT', () => bench.artifactFile('v1')],
]

describe('a file on its way into the library', () => {
  it('is there under the id that was answered, when its job is done', async () => {
    const { id, job } = await add(await bench.artifactFile('v1'))
    expect(job).toMatchObject({ kind: 'artifact-add', state: 'done', title: 'Add v1.mender to the library', failure: null })
    expect(await library()).toMatchObject([{ id, name: 'v1', installedCount: 0 }])
    expect(await now(bench.client.artifacts.show({ id }))).toEqual((await library())[0])
  })

  it.each(BAD_FILES)('%s fails its job with %s and a hint, and leaves nothing behind', async (_, code, make) => {
    const before = [await library(), await filesOf('.'), await filesOf('tmp')]
    const path = await make()
    const { job, id } = await add(join(bench.folder, path.replace(bench.folder, '')))
    expect(job).toMatchObject({
      state: 'failed',
      failure: { code, message: expect.stringMatching(/\S/), hint: expect.stringMatching(/\S/) },
    })
    expect([await library(), await filesOf('.'), await filesOf('tmp')]).toEqual(before)
    expect(await now(bench.client.artifacts.show({ id })).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('can be looked at before, and nothing of it is kept', async () => {
    const before = await library()
    const path = await bench.artifactFile('looked-at')
    expect(await bench.client.artifacts.inspect({ path })).toMatchObject({ name: 'looked-at', signature: { present: false } })
    expect(await bench.client.artifacts.inspect({ path: `${path}.none` }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await library()).toEqual(before)
  })
})

async function fileOf(name: string, bytes: Uint8Array): Promise<string> {
  await writeFile(join(bench.folder, name), bytes)
  return name
}

describe('saving an artifact of the library', () => {
  it('writes the very bytes that came in, over an older file too, and touches nothing beside it', async () => {
    const original = await bench.artifactFile('saved')
    const { id } = await add(original)
    const folder = join(bench.folder, 'out')
    await mkdir(join(folder, 'copy.mender.new'), { recursive: true })
    for (const _ of ['new', 'over the old one']) {
      await bench.client.artifacts.save({ id, path: join(folder, 'copy.mender') })
      expect((await readFile(join(folder, 'copy.mender'))).equals(await readFile(original))).toBe(true)
      expect(await readdir(folder)).toEqual(['copy.mender', 'copy.mender.new'])
      await writeFile(join(folder, 'copy.mender'), 'something else, and much longer or shorter')
    }
    expect((await now(bench.client.audit.list({ limit: 1 })))[0]).toMatchObject({ action: 'artifacts.save', outcome: 'done' })
  })

  it('leaves the old file whole and nothing beside it when it cannot', async () => {
    const [{ id } = { id: '' }] = await library()
    const folder = join(bench.folder, 'refused')
    await mkdir(join(folder, 'a-folder'), { recursive: true })
    await writeFile(join(folder, 'old.mender'), 'old')
    const save = (of: string, path: string) => bench.client.artifacts.save({ id: of, path: join(folder, path) }).catch(toAppError)
    expect(await save('none', 'old.mender')).toMatchObject({ code: 'NOT_FOUND' })
    expect(await save(id, 'no/folder/x.mender')).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('no/folder') })
    expect(await save(id, 'a-folder')).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('a-folder') })
    expect((await readdir(folder)).toSorted()).toEqual(['a-folder', 'old.mender'])
    expect(await readFile(join(folder, 'old.mender'), 'utf8')).toBe('old')
  })
})
