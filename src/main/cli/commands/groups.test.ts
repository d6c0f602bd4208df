import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device } from '../../contract/devices.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { now } from '../live.ts'
import { groupsCommand } from './groups.ts'

let bench: TestEngine
let virtual: Device
beforeAll(async () => {
  bench = await openTestEngine()
  virtual = await bench.addDevice('02:00:00:00:00:01')
})
afterAll(() => bench[Symbol.asyncDispose]())

const groups = (...args: string[]) => runLine(args, { command: groupsCommand, client: bench.client, cwd: bench.folder })
const cards = () => now(bench.client.devices.list())

/** A device that has not asked yet. */
async function expectDevice(): Promise<string> {
  const publicKeyPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return (await bench.client.devices.preauthorize({ identity: { mac: '02:00:00:00:00:02' }, publicKeyPem })).id
}

describe('otabench groups', () => {
  it('puts devices into a group, counts them, and takes them out again', async () => {
    expect((await groups('list')).stdout).toBe('No groups yet.\n')
    const id = await expectDevice()
    expect((await groups('add', 'lab', virtual.name, id)).stdout).toBe(`${virtual.name}, ${id}: lab\n`)
    expect((await groups('list')).stdout).toMatch(/^GROUP +DEVICES +FILTER\nlab +2 +-\n$/)
    expect((await groups('--json', 'remove', id)).json).toEqual([{ group: null, devices: [id] }])
    expect((await groups('--json', 'list')).json).toEqual([[{ group: 'lab', deviceCount: 1, filter: null }]])
    expect((await cards()).find((device) => device.id === virtual.id)?.group).toBe('lab')
    await groups('remove', virtual.id)
  })

  it('refuses a group name that Mender would refuse, and a device that nobody knows', async () => {
    const named = await groups('add', 'two words', virtual.id)
    expect([named.exitCode, named.stderr]).toEqual([2, expect.stringMatching(/^error BAD_INPUT: group: /)])
    expect((await groups('add', 'lab', virtual.id, 'nobody')).exitCode).toBe(3)
    expect((await groups('list')).stdout).toBe('No groups yet.\n')
  })
  it('makes a group that is a filter, counts who fits it, and forgets it', async () => {
    expect((await groups('add', 'small', '--filter', 'identity/mac=02:00:00:00:00:01')).stdout).toBe(
      'small: identity/mac=02:00:00:00:00:01\n',
    )
    expect((await groups('list')).stdout).toMatch(/\nsmall +1 +identity\/mac=02:00:00:00:00:01\n$/)
    expect((await groups('add', 'small', virtual.id)).stderr).toMatch(/^error CONFLICT: The group small is a filter/)
    for (const args of [
      ['add', 'x'],
      ['add', 'x', virtual.id, '--filter', 'a=b'],
      ['add', 'x', '--filter', 'a='],
    ])
      expect((await groups(...args)).exitCode).toBe(2)
    expect((await groups('forget', 'small')).stdout).toBe('forgotten: small\n')
    expect((await groups('forget', 'small')).exitCode).toBe(3)
  })
})
