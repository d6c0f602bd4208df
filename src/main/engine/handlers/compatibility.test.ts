import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import { brokenArtifact } from '../artifact/samples.cases.ts'
import { type Engine, createEngine } from '../engine.ts'
import { nodeHost } from '../host.node.ts'
import { openStore } from '../store/open.ts'

let folder = ''
let engine: Engine
let client: EngineClient

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otabench-compatibility-'))
  const store = openStore(join(folder, 'bench.db'))
  store.devices.add({ id: 'd1', identityHash: 'h', identity: { mac: '02:00' }, createdAt: 1 })
  store.devices.setReported('d1', { deviceType: 'board', artifactName: 'factory', at: 1 })
  store.close()
  engine = await createEngine(nodeHost(), { dataFolder: folder, http: null, https: null })
  client = createRouterClient(engine.router)
})
afterEach(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})

it('says for an artifact of the library which devices would take it, and again when the devices change', async () => {
  await writeFile(join(folder, 'a.mender'), brokenArtifact({}))
  const { id, jobId } = await client.artifacts.add({ path: join(folder, 'a.mender'), description: '' })
  await until(client.jobs.list(), (jobs) => jobs.some((job) => job.id === jobId && job.state === 'done'))
  const expected = { deviceId: 'd1', deviceName: '02:00', willInstall: true }
  expect(await now(client.artifacts.compatibility({ id }))).toEqual([expect.objectContaining(expected)])
  const renamed = until(client.artifacts.compatibility({ id }), ([first]) => first?.deviceName === 'my board')
  await client.devices.rename({ id: 'd1', name: 'my board' })
  expect(await renamed).toMatchObject([{ deviceName: 'my board' }])
})

it('is NOT_FOUND for an artifact that is not in the library', async () => {
  await expect(now(client.artifacts.compatibility({ id: 'nothing' }))).rejects.toMatchObject({ code: 'NOT_FOUND' })
})
