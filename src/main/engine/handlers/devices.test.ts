import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine({ http: null })
})
afterAll(() => bench[Symbol.asyncDispose]())

async function expectDevice(mac: string): Promise<string> {
  const publicKeyPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
  return (await bench.client.devices.preauthorize({ identity: { mac }, publicKeyPem })).id
}
const show = (id: string) => now(bench.client.devices.show({ id }))

describe('what a person does to a device', () => {
  it('shows at once to who watches', async () => {
    const id = await expectDevice('01')
    const called = until(bench.client.devices.show({ id }), ({ name }) => name === 'bench 1')
    const grouped = until(bench.client.devices.list(), (all) => all.some((device) => device.id === id && device.group === 'lab'))
    await bench.client.devices.rename({ id, name: 'bench 1' })
    await bench.client.devices.setGroup({ ids: [id], group: 'lab' })
    expect([(await called).name, (await grouped).length]).toEqual(['bench 1', 1])
  })

  it('puts all devices into a group or, when one of them is not there, none, and names that one', async () => {
    const ids = [await expectDevice('02'), await expectDevice('03')]
    const refused = await bench.client.devices.setGroup({ ids: [...ids, 'none-such'], group: 'lab' }).catch(toAppError)
    expect(refused).toMatchObject({ code: 'NOT_FOUND', message: 'There is no device none-such', hint: expect.stringMatching(/\S/) })
    expect((await Promise.all(ids.map(show))).map(({ group }) => group)).toEqual([null, null])
    await bench.client.devices.setGroup({ ids, group: 'lab' })
    await bench.client.devices.setGroup({ ids: ids.slice(0, 1), group: null })
    expect((await Promise.all(ids.map(show))).map(({ group }) => group)).toEqual([null, 'lab'])
  })

  it('ends with NOT_FOUND when the device is not there', async () => {
    const { devices, deployments, jobs } = bench.client
    const id = await expectDevice('04')
    const asked = [
      devices.rename({ id: 'none', name: 'x' }),
      devices.decommission({ id: 'none' }),
      devices.setAuthStatus({ id: 'none', authsetId: 'none', status: 'accepted' }),
      devices.setAuthStatus({ id, authsetId: 'none', status: 'accepted' }),
      now(devices.show({ id: 'none' })),
      deployments.abort({ id: 'none' }),
      deployments.log({ id: 'none', deviceId: id }),
    ]
    for (const answer of asked) expect(await Promise.resolve(answer).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await jobs.log({ id: 'none' })).toEqual([])
  })

  it('leaves its history behind when it is decommissioned; who watches it hears that it is gone', async () => {
    const id = await expectDevice('05')
    const watched = until(bench.client.devices.show({ id }), () => false).catch(toAppError)
    await bench.client.devices.decommission({ id })
    expect(await watched).toMatchObject({ code: 'NOT_FOUND', message: `There is no device ${id}` })
    const { entries } = await now(bench.client.devices.timeline({ id }))
    expect(entries.map(({ text }) => text)).toEqual(['Preauthorized', 'Decommissioned'])
  })
})
