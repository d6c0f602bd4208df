import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../contract/devices.ts'
import { toAppError } from '../contract/errors.ts'
import type { EngineClient } from '../cli/context.ts'
import { now, until } from '../cli/live.ts'
import { type Engine, createEngine } from './engine.ts'
import { nodeHost } from './host.node.ts'

const loopback = { host: '127.0.0.1', port: 0 }

describe('an engine', () => {
  let folder = ''
  let engine: Engine
  let client: EngineClient
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-engine-'))
    await open()
  })
  afterEach(async () => {
    await engine.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function open(): Promise<void> {
    engine = await createEngine(nodeHost(), { dataFolder: folder, http: loopback, https: loopback })
    client = createRouterClient(engine.router)
  }

  it('makes a password for admin at its first start, and only then', async () => {
    expect(engine.createdPassword).toMatch(/^\S{12,}$/)
    await engine.close()
    await open()
    expect(engine.createdPassword).toBeUndefined()
  })

  it('says where it listens and which CA its devices need', async () => {
    const status = await now(client.server.status())
    expect(status).toMatchObject({ state: 'running', acceptMode: 'none', http: engine.urls[0], https: engine.urls[1] })
    expect(status.caPem).toContain('BEGIN CERTIFICATE')
    expect(status.certificate?.expiresAt).toBeGreaterThan(Date.now())
  })

  it('holds its data folder for itself', async () => {
    const second = createEngine(nodeHost(), { dataFolder: folder, http: null, https: null })
    await expect(second).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('keeps a data folder that it has made from other users', async () => {
    const made = join(folder, 'made')
    const other = await createEngine(nodeHost(), { dataFolder: made, http: null, https: null })
    await other.close()
    expect((await stat(made)).mode & 0o777).toBe(0o700)
  })

  it('refuses bad input with the path of the field, and what is not there with NOT_FOUND', async () => {
    const refused = await client.keys.generate({ name: 'two words', algorithm: 'p256' }).catch(toAppError)
    expect(refused).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('name') })
    const missing = await now(client.deployments.show({ id: 'none' })).catch(toAppError)
    expect(missing).toMatchObject({ code: 'NOT_FOUND' })
  })

  it('takes a virtual bench from nothing to a rolled-back update and names its cause, and brings the bench back', async () => {
    const { jobId } = await client.simulated.start()
    const jobs = await until(client.jobs.list(), (all) => all.some((job) => job.id === jobId && job.state !== 'running'))
    expect(jobs.find((job) => job.id === jobId)).toMatchObject({ state: 'done', failure: null })
    expect((await now(client.artifacts.list())).map(({ name, signature }) => [name, signature.verifiedBy]).toSorted()).toEqual([
      ['virtual-os-v1', 'virtual-bench'],
      ['virtual-os-v2', 'virtual-bench'],
      ['virtual-os-v2-broken', 'virtual-bench'],
    ])
    // Its download and its boots take longer than a list that is followed rests.
    const isReady = ({ virtual, card }: Device) => virtual?.profile === 'slow' && card.state === 'up-to-date'
    const board = (await until(client.devices.list(), (all) => all.some(isReady))).find(isReady)
    const id = board?.id ?? ''
    const { id: deploymentId } = await client.deployments.create({
      name: 'break it',
      artifactName: 'virtual-os-v2-broken',
      target: { kind: 'devices', ids: [id] },
    })
    const seen = new Set<string>()
    const rolledBack = await until(
      client.devices.list(),
      (all) => all.some((each) => each.id === id && each.card.state === 'rolled-back'),
      (all) => seen.add(all.find((each) => each.id === id)?.card.state ?? ''),
    )
    expect([...seen]).toEqual(expect.arrayContaining(['downloading', 'rebooting', 'rolled-back']))
    expect(rolledBack.find((each) => each.id === id)?.slots?.find(({ isRunning }) => isRunning)).toMatchObject({
      name: 'A',
      artifactName: 'virtual-os-v1',
    })
    const { cause, entries } = await now(client.devices.timeline({ id, deploymentId }))
    expect(cause?.summary).toMatch(/init|boot/i)
    expect(entries.some((entry) => entry.id === cause?.entryId)).toBe(true)

    await engine.close()
    await open()
    const runningSlot = (all: Device[]) => all.find((each) => each.id === id)?.slots?.find(({ isRunning }) => isRunning)
    const back = await until(client.devices.list(), (all) => runningSlot(all) !== undefined)
    expect(back.filter(({ virtual }) => virtual !== null)).toHaveLength(4)
    expect(runningSlot(back)?.artifactName).toBe('virtual-os-v1')
  })
})
