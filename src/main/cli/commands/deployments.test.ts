import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device } from '../../contract/devices.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { now, until } from '../live.ts'
import { deploymentsCommand } from './deployments.ts'

let bench: TestEngine
let failing: Device
let failed = ''
beforeAll(async () => {
  bench = await openTestEngine()
  failing = await bench.addDevice('02:00:00:00:00:02', { failAt: 'commit' })
  await bench.addArtifact('v2')
})
afterAll(() => bench[Symbol.asyncDispose]())

const deployments = (...args: string[]) => runLine(args, { command: deploymentsCommand, client: bench.client, cwd: bench.folder })

async function create(name: string, id: string): Promise<string> {
  return (await bench.client.deployments.create({ name, artifactName: 'v2', target: { kind: 'devices', ids: [id] } })).id
}

describe('otabench deployments', () => {
  it('says that there are none yet', async () => {
    expect(await deployments('list')).toMatchObject({ exitCode: 0, stdout: 'No deployments yet.\n' })
  })

  it('lists each with its outcome, the newest first', async () => {
    failed = await create('first try', failing.id)
    // Its log comes after the word that it has failed.
    await until(
      bench.client.deployments.show({ id: failed }),
      ({ status, devices }) => status === 'finished' && devices[0]?.hasLog === true,
    )
    const { stdout } = await deployments('list')
    expect(stdout).toMatch(new RegExp(`^ID +NAME +ARTIFACT +STATUS +DEVICES +CREATED\n${failed} +first try +v2 +finished +1 failure +20`))
    expect((await deployments('--json', 'list')).json).toMatchObject([[{ id: failed, statistics: { failure: 1 } }]])
  })

  it('shows one by the beginning of its id, with the reason for each device', async () => {
    const { stdout, exitCode } = await deployments('show', failed.slice(0, 8))
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(
      /^first try {2}finished\nDEVICE +STATUS +FINISHED +EXPLANATION\nvirtual 02:00:00:00:00:02 +failure +20\S+Z +\S.*\n$/,
    )
    expect((await deployments('--json', 'show', failed)).json).toMatchObject([
      { id: failed, devices: [{ hasLog: true, deviceId: failing.id }] },
    ])
  })

  it('says of a device why it has got nothing', async () => {
    const other = await bench.addDevice('02:00:00:00:00:04')
    expect((await deployments('why', failed, other.name)).stdout).toBe(
      `${other.name}: It is not part of it: it came after the deployment was made, and the list of devices was made then.\n`,
    )
    expect((await deployments('--json', 'why', failed, failing.name)).json).toMatchObject([
      { device: failing.id, why: expect.stringMatching(/\S/) },
    ])
  })

  it('prints the log that a device sent', async () => {
    const { stdout, exitCode } = await deployments('log', failed, failing.name)
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^20\S+ \w+: .*fails at commit/m)
    const { json } = await deployments('--json', 'log', failed.slice(0, 8), failing.id)
    expect(json).toEqual([expect.arrayContaining([{ at: expect.any(String), level: expect.any(String), message: expect.any(String) }])])
  })

  it('aborts one that runs; one that has ended is refused', async () => {
    const slow = await bench.addDevice('02:00:00:00:00:03', { speedBytesPerSecond: 1000 })
    const id = await create('second try', slow.id)
    expect((await deployments('abort', id)).stdout).toBe(`aborted: ${id}\n`)
    expect(await now(bench.client.deployments.show({ id }))).toMatchObject({ status: 'finished', devices: [{ status: 'aborted' }] })
    expect(await deployments('abort', id)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error CONFLICT: /) })
  })

  it('refuses what fits none or several', async () => {
    for (const start of ['none-such', '']) {
      const { exitCode, stderr } = await deployments('show', start)
      expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/^error NOT_FOUND: .*\nhint: See otabench deployments list/)])
    }
    expect((await deployments('log', failed, 'nobody')).exitCode).toBe(3)
    expect((await deployments('show')).exitCode).toBe(2)
  })

  it('says when a device has sent no log', async () => {
    expect(await deployments('log', failed, '02:00:00:00:00:03')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('no log'),
    })
  })
})
