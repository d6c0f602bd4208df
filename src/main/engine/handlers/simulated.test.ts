import { describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { openTestEngine } from '../engine.cases.ts'

describe('the virtual bench', () => {
  it('leaves no board, no card and no unfinished work behind when it is removed, and can be started anew', async () => {
    await using bench = await openTestEngine()
    const { client } = bench
    const other = await bench.addDevice('02:00:00:00:00:77')
    await client.simulated.start()
    const cards = await until(client.devices.list(), (all) => all.filter(({ virtual }) => virtual?.boardId).length === 4)
    const asked = await until(client.devices.list(), (all) => all.some(({ virtual, status }) => virtual?.boardId && status === 'accepted'))
    const ids = asked.flatMap(({ id, virtual, status }) => (virtual?.boardId && status === 'accepted' ? [id] : []))
    expect(cards).toHaveLength(5)
    const { id } = await client.deployments.create({
      name: 'too late',
      artifactName: 'virtual-os-v2',
      target: { kind: 'devices', ids },
    })
    await client.simulated.remove()
    expect(await now(client.simulated.list())).toEqual([])
    expect((await now(client.devices.list())).map((device) => device.id)).toEqual([other.id])
    const ended = await now(client.deployments.show({ id }))
    expect([ended.status, ended.devices.map(({ status }) => status)]).toEqual(['finished', ids.map(() => 'decommissioned')])

    await client.simulated.remove()
    await client.simulated.start()
    const again = await until(client.devices.list(), (all) => all.length === 5)
    const known = new Set(cards.map((device) => device.id))
    expect(again.filter((device) => known.has(device.id)).map((device) => device.id)).toEqual([other.id])
  })

  it('switches a board off and on, which its card shows, and knows no other boards', async () => {
    await using bench = await openTestEngine()
    const { client } = bench
    await client.simulated.start()
    const isGood = ({ virtual }: { virtual: { profile: string } | null }) => virtual?.profile === 'good'
    const cards = await until(client.devices.list(), (all) => all.some((device) => isGood(device) && device.slots !== null))
    const id = cards.find(isGood)?.virtual?.boardId ?? ''
    await client.simulated.setPower({ id, isOn: false })
    expect((await now(client.simulated.list())).find((board) => board.id === id)?.isRunning).toBe(false)
    await until(client.devices.list(), (all) => all.some((device) => isGood(device) && device.card.detail.startsWith('switched off')))
    await client.simulated.setPower({ id, isOn: true })
    await until(client.devices.list(), (all) => all.some((device) => isGood(device) && device.card.state === 'up-to-date'))
    expect(await client.simulated.setPower({ id: 'virt-99', isOn: true }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
  })
})
