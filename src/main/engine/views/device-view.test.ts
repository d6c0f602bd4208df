import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Slot } from '../../contract/devices.ts'
import type { BoardObservation } from '../device/bench.ts'
import type { DeviceWindow } from '../../contract/devices.ts'
import type { FilterTerm } from '../../contract/filters.ts'
import { cardsOf, listDevices, showDevice } from './device-view.ts'
import { whyOf } from './device-why.ts'
import { NOW, type ViewBench, openViewBench } from './views.cases.ts'

const slots: Slot[] = [
  { name: 'A', artifactName: 'v1', isRunning: true, condition: 'committed', writtenBytes: 10, sizeBytes: 20 },
  { name: 'B', artifactName: null, isRunning: false, condition: 'empty', writtenBytes: 0, sizeBytes: 20 },
]

const observation: BoardObservation = {
  ...{ id: 'virt-01', name: 'virt-01 good', profile: 'good', at: NOW, isPowered: true, artifactName: 'v1', nextPollAt: NOW + 2500 },
  slots,
  boot: { bootCount: 0, bootLimit: 1, isUpgradeAvailable: false, bootSlot: 'A' },
  consoleLines: ['one', 'two', 'three'],
}

describe('a device as it is shown', () => {
  let bench: ViewBench
  beforeEach(() => (bench = openViewBench()))
  afterEach(() => bench[Symbol.dispose]())
  const listed = () => cardsOf(bench.store.devices.list(), bench.sources)
  const shown = (id: string) => listed().find((device) => device.id === id)

  it('is called by its nickname, else as its simulation is called, else by the first value of its identity', () => {
    bench.addDevice('real', { mac: 'aa:bb', serial: '7' })
    bench.addDevice('list', { macs: ['aa:bb', 'cc:dd'], serial: '7' })
    bench.addDevice('virtual', { mac: 'cc:dd', virtual: 'virt-01 good' })
    expect(listed().map(({ id, name }) => [id, name])).toEqual([
      ['real', 'aa:bb'],
      ['list', 'aa:bb, cc:dd'],
      ['virtual', 'virt-01 good'],
    ])
    for (const id of ['real', 'virtual']) bench.store.devices.rename(id, `my ${id}`)
    expect([shown('real')?.name, shown('virtual')?.name]).toEqual(['my real', 'my virtual'])
    bench.store.devices.rename('real', '')
    expect(shown('real')?.name).toBe('aa:bb')
  })

  it('says by whom it was seen and when: the server, the virtual bench, or nobody yet', () => {
    bench.addDevice('new', { mac: '1' })
    bench.addDevice('real', { mac: '2' })
    bench.addDevice('virtual', { mac: '3', virtual: 'virt-01 good' })
    bench.store.lastSeen.set('real', { lastSeenAt: NOW - 7, lastPollAt: NOW - 7, pollIntervalMs: 100 })
    bench.boards.set('3', observation)
    expect(['new', 'real', 'virtual'].map((id) => shown(id)?.evidence)).toEqual([
      null,
      { source: 'server', at: NOW - 7 },
      { source: 'virtual', at: NOW },
    ])
  })

  it('shows slots, boot environment and console only of what is seen from outside', () => {
    bench.addDevice('real', { mac: '2' })
    bench.addDevice('virtual', { mac: '3', virtual: 'virt-01 good' })
    bench.boards.set('3', observation)
    expect(shown('real')).toMatchObject({ slots: null, boot: null, tail: [], virtual: null })
    expect(shown('virtual')).toMatchObject({
      ...{ slots, boot: { bootSlot: 'A' }, tail: ['two', 'three'], virtual: { boardId: 'virt-01', profile: 'good' } },
    })
  })

  it('is virtual also when it is simulated elsewhere, and then no board of this bench', () => {
    bench.addDevice('virtual', { mac: '3', virtual: 'elsewhere' })
    expect(shown('virtual')?.virtual).toEqual({ boardId: null, profile: 'simulated' })
  })

  it('polls next when its board says so, else when its rhythm says so, else at a time that nobody knows', () => {
    bench.addDevice('new', { mac: '1' })
    bench.addDevice('real', { mac: '2' })
    bench.addDevice('virtual', { mac: '3', virtual: 'virt-01 good' })
    for (const id of ['real', 'virtual']) bench.store.lastSeen.set(id, { lastSeenAt: NOW, lastPollAt: NOW - 10, pollIntervalMs: 100 })
    bench.boards.set('3', observation)
    expect(['new', 'real', 'virtual'].map((id) => shown(id)?.nextPollAt)).toEqual([null, NOW + 90, NOW + 2500])
  })

  it('shows its newest deployment, with the bytes sent only while it downloads', () => {
    bench.addDevice('real', { mac: '2' })
    bench.transfers.set('real', { doneBytes: 5, totalBytes: 10 })
    expect(shown('real')?.deployment).toBeNull()
    bench.deploy('d1', ['real'], { status: 'downloading', startedAt: NOW })
    expect(shown('real')?.deployment).toMatchObject({ id: 'd1', status: 'downloading', progress: { doneBytes: 5, totalBytes: 10 } })
    for (const status of ['installing', 'rebooting', 'success', 'failure'] as const) {
      bench.deploy(`d-${status}`, ['real'], { status })
      expect(shown('real')?.deployment).toEqual({ id: `d-${status}`, artifactName: 'v2', status, progress: null, finishedAt: null })
    }
  })

  it('is the same alone as in the list, with its inventory; and unknown when it is not there', () => {
    bench.addDevice('real', { mac: '2' })
    bench.deploy('d1', ['real'], { status: 'downloading', startedAt: NOW })
    bench.deploy('d2', ['real'])
    const { inventory, refusals, ...rest } = showDevice('real', bench.sources) ?? { inventory: null }
    expect(rest).toEqual(shown('real'))
    expect([inventory, refusals]).toEqual([[], []])
    expect(showDevice('none', bench.sources)).toBeNull()
  })

  it('says what it gets, or why it gets nothing', () => {
    bench.addDevice('one', { mac: '1' })
    expect(whyOf('one', bench.sources)).toBe('Nothing was deployed to it yet.')
    bench.deploy('d1', ['one'], { status: 'noartifact', explanation: 'Its device type "a" is not among "b".', finishedAt: NOW })
    expect(whyOf('one', bench.sources)).toBe('v2: Its device type "a" is not among "b".')
    bench.deploy('d2', ['one'])
    expect(whyOf('one', bench.sources)).toBe('v2: It gets it when it is heard for the first time.')
    bench.store.authsets.setStatuses('one', { statuses: new Map(), deviceStatus: 'pending', at: NOW })
    bench.store.deviceDeployments.putAside({ deploymentId: 'd2', deviceId: 'one' }, NOW)
    expect(whyOf('one', bench.sources)).toMatch(/^v2: /)
  })

  it('is in a window of all of them, those that ask to join first, or of those that hold a text', async () => {
    for (let index = 0; index < 8; index += 1) bench.addDevice(`d${index}`, { mac: `m${index}` })
    for (const id of ['d3', 'd6']) bench.store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'pending', at: 1 })
    bench.store.devices.rename('d5', 'The Lab of M1')
    const ids = async (window: Partial<DeviceWindow>) =>
      (await listDevices({ text: '', filter: [], offset: 0, limit: 1000, ...window }, bench.sources)).map(({ id }) => id)
    expect(await ids({})).toEqual(['d0', 'd1', 'd2', 'd3', 'd4', 'd5', 'd6', 'd7'])
    expect(await ids({ limit: 4 })).toEqual(['d3', 'd6', 'd0', 'd1'])
    expect(await ids({ limit: 4, offset: 4 })).toEqual(['d2', 'd4', 'd5', 'd7'])
    expect(await ids({ limit: 2, offset: 1 })).toEqual(['d6', 'd0'])
    expect(await ids({ text: 'M1' })).toEqual(['d1', 'd5'])
    for (const id of ['d1', 'd2', 'd5', 'd7'])
      bench.store.inventory.merge(id, [{ scope: 'tags', name: 'room', value: id === 'd7' ? 'office' : 'lab' }], NOW)
    const lab: FilterTerm = { scope: 'tags', attribute: 'room', type: '$in', value: ['lab'] }
    expect(await ids({ filter: [lab] })).toEqual(['d1', 'd2', 'd5'])
    expect(await ids({ filter: [lab], limit: 1, offset: 1 })).toEqual(['d2'])
    expect(await ids({ filter: [lab], text: 'M1' })).toEqual(['d1', 'd5'])
    expect(await ids({ text: 'm', limit: 2, offset: 3 })).toEqual(['d3', 'd4'])
  })
})
