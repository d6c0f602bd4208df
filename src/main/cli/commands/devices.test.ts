import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Device } from '../../contract/devices.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { now } from '../live.ts'
import { devicesCommand } from './devices.ts'

let bench: TestEngine
let virtual: Device
beforeAll(async () => {
  bench = await openTestEngine()
  virtual = await bench.addDevice('02:00:00:00:00:01')
})
afterAll(() => bench[Symbol.asyncDispose]())

const devices = (...args: string[]) => runLine(args, { command: devicesCommand, client: bench.client, cwd: bench.folder })
const cards = () => now(bench.client.devices.list())

/** A device that has not asked yet. */
async function expectDevice(mac: string): Promise<string> {
  const { publicKey } = generateKeyPairSync('ed25519')
  const file = `${mac.replaceAll(':', '')}.pem`
  await writeFile(join(bench.folder, file), publicKey.export({ type: 'spki', format: 'pem' }))
  const { exitCode, json } = await devices('--json', 'preauthorize', JSON.stringify({ mac, serial: 'S-1' }), file)
  expect(exitCode).toBe(0)
  expect(json).toEqual([{ id: expect.any(String) }])
  return (await cards()).find(({ identity }) => identity['mac'] === mac)?.id ?? ''
}

describe('otabench devices', () => {
  it('lists devices in a table, and as one line of JSON', async () => {
    const { stdout, exitCode } = await devices('list')
    expect(exitCode).toBe(0)
    expect(stdout.split('\n')[0]).toMatch(/^ID +NAME +STATE +TYPE +ARTIFACT +GROUP +LAST SEEN$/)
    expect(stdout).toMatch(new RegExp(`${virtual.id} +virtual 02:00:00:00:00:01 +up-to-date +virtual +factory +- +20..-..-..T..:..:..Z`))
    const { json } = await devices('--json', 'list')
    expect(json).toEqual([[expect.objectContaining({ id: virtual.id, status: 'accepted', artifactName: 'factory' })]])
  })

  it('lists those alone that meet a filter and are in a state', async () => {
    const ids = async (...flags: string[]) => (await devices('--json', 'list', ...flags)).json
    const one = [[expect.objectContaining({ id: virtual.id })]]
    expect(await ids('--filter', 'device_type=virtual and mac=02:*|02:00:00:00:00:01', '--state', 'online')).toEqual([[]])
    expect(await ids('--filter', 'device_type=virtual and identity/mac=02:00:00:00:00:01', '--state', 'online')).toEqual(one)
    expect(await ids('--state', 'failed')).toEqual([[]])
    expect((await devices('list', '--filter', 'device_type=pi')).stdout).toBe('No device is so.\n')
    expect((await devices('list', '--filter', '(')).stderr).toContain('BAD_INPUT')
    expect((await devices('list', '--state', 'happy')).exitCode).not.toBe(0)
  })

  it('shows one by id, name or a value of its identity, with keys, inventory and timeline', async () => {
    const shown = await Promise.all([virtual.id, virtual.name, '02:00:00:00:00:01'].map((name) => devices('show', name)))
    for (const { stdout, exitCode } of shown) {
      expect(exitCode).toBe(0)
      expect(stdout).toContain(`id        ${virtual.id}  (virtual)`)
      expect(stdout).toMatch(/^key {7}accepted {2}EC prime256v1 [0-9a-f]{64}$/m)
      expect(stdout).toMatch(/^inventory device_type = virtual$/m)
      expect(stdout).toMatch(/Z {2}state +Key [0-9a-f]{12} accepted$/m)
    }
    const { json } = await devices('--json', 'show', virtual.id)
    expect(json).toMatchObject([{ id: virtual.id, inventory: expect.any(Array), timeline: { entries: expect.any(Array), cause: null } }])
  })

  it('expects the devices of a list, all of them or none, and leaves those that are there as they are', async () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
    await writeFile(join(bench.folder, 'one.pem'), pem)
    const list = (name: string, rows: string[]) =>
      writeFile(join(bench.folder, name), ['mac,public_key,public_key_file', ...rows, ''].join('\n'))
    await list('fleet.csv', [`02:00:00:00:02:01,"${pem}",`, '02:00:00:00:02:02,,one.pem'])
    await list('more.csv', ['02:00:00:00:02:02,,one.pem', '02:00:00:00:02:03,,one.pem'])
    await list('bad.csv', ['02:00:00:00:02:04,,one.pem', '02:00:00:00:02:05,no key,'])
    expect((await devices('--json', 'preauthorize-list', 'fleet.csv')).json).toEqual([{ added: 2, known: [] }])
    expect((await devices('preauthorize-list', 'more.csv')).stdout).toBe('expected: 1; there already: 02:00:00:00:02:02\n')
    const bad = await devices('preauthorize-list', 'bad.csv')
    expect([bad.exitCode, bad.stderr]).toEqual([2, expect.stringContaining('BAD_INPUT: bad.csv, line 3: ')])
    const known = (await cards()).filter(({ status }) => status === 'preauthorized').map(({ identity }) => identity['mac'])
    expect(known.filter((mac) => String(mac).startsWith('02:00:00:00:02'))).toEqual([
      '02:00:00:00:02:01',
      '02:00:00:00:02:02',
      '02:00:00:00:02:03',
    ])
  })

  it('expects a device before it has asked, and refuses the same identity twice', async () => {
    const id = await expectDevice('02:00:00:00:01:01')
    expect((await cards()).find((device) => device.id === id)).toMatchObject({ status: 'preauthorized', card: { state: 'expected' } })
    const again = await devices('preauthorize', '{"mac":"02:00:00:00:01:01","serial":"S-1"}', '020000000101.pem')
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringMatching(/^error CONFLICT: .*has this identity already\nhint: \S/)])
  })

  it('rejects and accepts the newest key', async () => {
    const id = await expectDevice('02:00:00:00:02:01')
    const status = async () => (await cards()).find((device) => device.id === id)?.status
    expect((await devices('reject', id)).stdout).toBe(`rejected: ${id}\n`)
    expect(await status()).toBe('rejected')
    expect((await devices('--json', 'accept', id)).json).toEqual([{ accepted: [id] }])
    expect(await status()).toBe('accepted')
  })

  it('forgets several at once, and none when one of the names is wrong', async () => {
    const ids = [await expectDevice('02:00:00:00:03:01'), await expectDevice('02:00:00:00:03:02')]
    const wrong = await devices('decommission', ...ids, 'nobody')
    expect([wrong.exitCode, wrong.stderr]).toEqual([3, expect.stringMatching(/^error NOT_FOUND: There is no device "nobody"\nhint: /)])
    expect((await cards()).filter(({ id }) => ids.includes(id))).toHaveLength(2)
    expect((await devices('decommission', ...ids)).exitCode).toBe(0)
    expect((await cards()).filter(({ id }) => ids.includes(id))).toEqual([])
  })

  it('accepts all or none of the devices named', async () => {
    const id = await expectDevice('02:00:00:00:04:01')
    expect((await devices('accept', id, 'nobody')).exitCode).toBe(3)
    expect((await cards()).find((device) => device.id === id)?.status).toBe('preauthorized')
  })

  it('refuses a name that several have, an identity that is none, a key that is none, and a line without a device', async () => {
    await expectDevice('02:00:00:00:05:01')
    await expectDevice('02:00:00:00:05:02')
    const refused = await Promise.all([
      devices('show', 'S-1'),
      devices('preauthorize', 'mac=1', 'x.pem'),
      devices('preauthorize', '["mac"]', 'x.pem'),
      devices('accept'),
      devices('dance'),
      devices(),
    ])
    expect(refused.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2, 2])
    for (const { stderr } of refused) expect(stderr).toMatch(/^error BAD_INPUT: .+\nhint: .+\n$/)
    expect(refused[0]?.stderr).toContain('Several devices are called "S-1"')
    expect((await devices('preauthorize', '{"mac":"1"}', 'x.pem')).exitCode).toBe(3)
    await writeFile(join(bench.folder, 'no-key.pem'), 'no key')
    expect((await devices('preauthorize', '{"mac":"1"}', 'no-key.pem')).exitCode).toBe(2)
  })

  it('says and changes which devices are accepted by themselves', async () => {
    expect((await devices('accept-mode')).stdout).toBe('new devices wait to be accepted\n')
    expect((await devices('accept-mode', '10.9.0.0/16')).stdout).toBe('devices from 10.9.0.0/16 are accepted\n')
    expect((await devices('--json', 'accept-mode', '15m')).json).toMatchObject([{ acceptMode: { kind: 'until' } }])
    expect((await devices('accept-mode', 'sometimes')).exitCode).toBe(2)
    expect((await devices('accept-mode', 'none')).exitCode).toBe(0)
  })

  it('says when devices count as silent, and changes it', async () => {
    expect((await devices('silent-after')).stdout).toBe('devices count as silent after 3 missed polls\n')
    expect((await devices('silent-after', '30m')).stdout).toBe('devices count as silent after 30 min without a word\n')
    expect((await devices('--json', 'silent-after', '5')).json).toEqual([{ silenceRule: { kind: 'polls', count: 5 } }])
    expect(await devices('silent-after', 'soon')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('"soon" is not when') })
    await devices('silent-after', '3')
    expect((await devices('refused')).stdout).toMatch(/^(Nobody was refused\.|DEVICE +LAST)/)
  })
})
