import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device } from '../../contract/devices.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { now, until } from '../live.ts'
import { deploymentsCommand } from './deployments.ts'
import { devicesCommand } from './devices.ts'

let bench: TestEngine
let sound: Device
let deployment = ''
beforeAll(async () => {
  bench = await openTestEngine()
  sound = await bench.addDevice('02:00:00:00:00:01', {}, { pollMs: 600 })
  const failing = await bench.addDevice('02:00:00:00:00:02', { failAt: 'commit' })
  await bench.addArtifact('v2')
  const { id } = await bench.client.deployments.create({
    ...{ name: 'try', artifactName: 'v2', target: { kind: 'devices', ids: [sound.id, failing.id] } },
    plan: { retries: 1 },
  })
  deployment = id
  await until(bench.client.deployments.show({ id }), ({ status }) => status === 'finished')
  await until(bench.client.devices.show({ id: sound.id }), ({ artifactName }) => artifactName === 'v2')
  await until(bench.client.devices.polls({ id: sound.id }), ({ polls }) => polls.length >= 3)
})
afterAll(() => bench[Symbol.asyncDispose]())

const line = (command: typeof devicesCommand, args: string[]) => runLine(args, { command, client: bench.client, cwd: bench.folder })
const devices = (...args: string[]) => line(devicesCommand, args)
const deployments = (...args: string[]) => line(deploymentsCommand, args)

describe('what is drawn in the app is told by the command line', () => {
  it('how fast a deployment was downloaded', async () => {
    const { stdout } = await deployments('rates', deployment.slice(0, 8))
    expect(stdout).toMatch(/^DEVICE +BYTES +AVERAGE +MOST +FROM +OVER TIME\nall together +\S+ kB +\S+ \wB\/s/)
    expect(stdout.split('\n')).toHaveLength(5)
    expect((await deployments('rates', deployment, sound.name)).stdout).toContain(sound.name)
    const { total } = await now(bench.client.deployments.downloads({ id: deployment }))
    expect(total?.totalBytes).toBeGreaterThan(40_000)
    expect((await deployments('--json', 'rates', deployment)).json).toMatchObject([{ deviceCount: 2, total }])
  })

  it('at which try devices succeeded, and why the others failed', async () => {
    const { stdout } = await deployments('attempts', deployment)
    expect(stdout).toMatch(/^TRY +SUCCEEDED +FAILED +AT WORK\n1 of 2 +1 +1 +0\n2 of 2 +0 +1 +0\ntry 1: 1 × \S.*\ntry 2: 1 × \S.*\n$/)
    expect((await deployments('--json', 'attempts', deployment)).json).toMatchObject([{ allowedCount: 2, attempts: [{ attempt: 1 }, {}] }])
  })

  it('what devices ran over time', async () => {
    expect((await devices('versions')).stdout).toMatch(/^20\S+ to 20\S+\nARTIFACT +THEN +NOW +OVER TIME\n(.*\n)*v2 +0 +1 +\S/)
    expect((await devices('versions', '--since', '24h', '--group', 'none')).stdout).toContain('None of these devices')
    expect((await devices('--json', 'versions', '--type', 'virtual')).json).toMatchObject([{ deviceTypes: ['virtual'] }])
    expect(await devices('versions', '--since', 'long')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('90m, 24h or 7d') })
  })

  it('the intervals between polls, of one device and of all', async () => {
    const one = await devices('polls', sound.name)
    expect(one.stdout).toMatch(/: usually .*\n20\S+ +after .*\n(.*\n)*INTERVAL +IN TIME +LATE +UPDATE/)
    expect((await devices('polls')).stdout).toMatch(/^2 devices, usually .*\nINTERVAL +IN TIME +LATE +UPDATE\n.*█/)
    expect((await devices('--json', 'polls', sound.id)).json).toMatchObject([{ polls: expect.any(Array) }])
    expect((await devices('polls', 'nobody')).exitCode).toBe(3)
  })
})
