import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { until } from '../live.ts'
import { jobsCommand } from './jobs.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

const jobs = (...args: string[]) => runLine(args, { command: jobsCommand, client: bench.client, cwd: bench.folder })

it('otabench jobs tells what ran, what it noted and why it failed, and stops nothing that has ended', async () => {
  expect((await jobs('list')).stdout).toBe('No jobs yet.\n')
  await bench.addArtifact('v1')
  await bench.client.artifacts.add({ path: '/nowhere.mender', description: '' }).catch(() => undefined)
  await expect.poll(async () => (await jobs('list')).stdout).toMatch(/done +Add v1.mender to the library/)
  const [all] = (await jobs('--json', 'list')).json
  expect(all).toMatchObject(expect.arrayContaining([expect.objectContaining({ kind: 'artifact-add', state: 'done' })]))
  const [job] = await until(bench.client.jobs.list(), (list) => list.every(({ state }) => state !== 'running'))
  expect((await jobs('log', job?.id ?? '')).stdout).toContain('NOT_FOUND')
  expect((await jobs('cancel', job?.id ?? '')).stderr).toContain('has ended already')
  expect((await jobs('retry', job?.id ?? '')).stdout).toContain('started again as')
  expect((await jobs('retry', job?.id ?? '')).stderr).toContain('cannot be started again')
  expect((await jobs('log', 'none')).exitCode).toBe(3)
})
