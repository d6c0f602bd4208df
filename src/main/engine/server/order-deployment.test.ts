import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as othersFirst } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AT_ONCE, type DeploymentTarget } from '../../contract/deployments.ts'
import { parseFilter } from '../../contract/filters.ts'
import { openStore } from '../store/open.ts'
import { decommissionDevice } from './device-actions.ts'
import { type Bench, openBench } from './management.cases.ts'
import { orderDeployment } from './order-deployment.ts'

/** So few that seven devices make four slices. */
const SLICE = 2
const ALL = { kind: 'all' } as const

let bench: Bench
let ids: string[] = []
beforeEach(async () => {
  bench = await openBench()
  await bench.addArtifact('v1')
  ids = Array.from({ length: 7 }, (_, index) => bench.addDevice(`m${index}`)).toSorted()
  bench.addDevice('stranger', 'pending')
})
afterEach(() => bench[Symbol.asyncDispose]())

const order = (target: DeploymentTarget, more: { name?: string; maxDevices?: number } = {}) =>
  orderDeployment(
    bench.parts,
    { name: more.name ?? 'd', artifactName: 'v1', isForced: false, target, plan: { ...AT_ONCE, maxDevices: more.maxDevices ?? null } },
    SLICE,
  )
const partsOf = (id: string) => bench.parts.store.deviceDeployments.ofDeployment(id)
const devicesOf = (id: string) =>
  partsOf(id)
    .map(({ deviceId }) => deviceId)
    .toSorted()

describe('a deployment to many devices', () => {
  it('is as one to few: every accepted device, by its name, pending, and it ends with the last', async () => {
    const { id } = await order(ALL)
    const { store } = bench.parts
    expect(devicesOf(id)).toEqual(ids)
    expect(partsOf(id).map(({ deviceName }) => deviceName)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6'])
    expect(store.deployments.get(id)).toMatchObject({ deviceCount: 7, statistics: { pending: 7 }, status: 'pending', isOpen: false })
    for (const each of partsOf(id)) store.deviceDeployments.update({ ...each, status: 'success', finishedAt: 5 })
    expect(store.deployments.get(id)).toMatchObject({ statistics: { success: 7 }, status: 'finished', finishedAt: 5 })
  })

  it('is for a group, or for what a filter admits, up to its largest number', async () => {
    const { store } = bench.parts
    store.devices.setGroup(ids.slice(0, 5), 'lab')
    for (const id of ids.slice(2)) store.inventory.merge(id, [{ scope: 'inventory', name: 'load', value: '10' }], 1)
    expect(devicesOf((await order({ kind: 'group', group: 'lab' })).id)).toEqual(ids.slice(0, 5))
    const filter = parseFilter('load>9')
    const { id } = await order({ kind: 'filter', filter })
    expect(devicesOf(id)).toEqual(ids.slice(2))
    expect(store.deployments.get(id)).toMatchObject({ isOpen: true, deviceCount: 5, filter })
    const few = await order({ kind: 'filter', filter }, { maxDevices: 3 })
    expect(store.deployments.get(few.id)).toMatchObject({ isOpen: false, deviceCount: 3 })
    const nobody = await order({ kind: 'filter', filter: parseFilter('load>99') })
    expect(store.deployments.get(nobody.id)).toMatchObject({ isOpen: true, deviceCount: 0, finishedAt: null })
  })

  it('is not seen, and given to nobody, before its last device is in', async () => {
    const { store } = bench.parts
    const ordered = order(ALL)
    await othersFirst()
    expect(store.filling.unfinished()).toHaveLength(1)
    expect(store.deployments.list()).toEqual([])
    expect(store.deployments.active()).toEqual([])
    expect(ids.flatMap((id) => store.deviceDeployments.active(id))).toEqual([])
    expect([1, 2, 3].map((number) => store.deviceDeployments.latest(number))).toEqual([null, null, null])
    const { id } = await ordered
    expect(store.filling.unfinished()).toEqual([])
    expect(ids.map((device) => store.deviceDeployments.active(device)[0]?.deploymentId)).toEqual(ids.map(() => id))
  })

  it('is refused when the same is unfinished, also of two at once, and leaves nothing then', async () => {
    const { store } = bench.parts
    const [first, second] = await Promise.allSettled([order(ALL), order(ALL)])
    expect(first.status).toBe('fulfilled')
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } })
    await expect(order(ALL)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(store.deployments.list()).toHaveLength(1)
    expect(store.filling.unfinished()).toEqual([])
    bench.addDevice('another')
    await order(ALL)
    await order(ALL, { name: 'other' })
    expect(store.deployments.list()).toHaveLength(3)
  })

  it('is refused without its artifact, with a limit that only filters have, and without an accepted device', async () => {
    const { store } = bench.parts
    const unknown = { name: 'd', artifactName: 'v9', isForced: false, target: ALL }
    await expect(orderDeployment(bench.parts, unknown, SLICE)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(order(ALL, { maxDevices: 1 })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    for (const id of ids) store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'rejected', at: 1 })
    await expect(order(ALL)).rejects.toMatchObject({ code: 'BAD_INPUT', message: 'There is no accepted device on the bench' })
    expect(store.filling.unfinished()).toEqual([])
  })

  it('loses a device that is decommissioned meanwhile', async () => {
    const ordered = order(ALL)
    await othersFirst()
    decommissionDevice(bench.parts, ids[0] ?? '')
    const { id } = await ordered
    expect(devicesOf(id)).toEqual(ids.slice(1))
    expect(bench.parts.store.deployments.get(id)).toMatchObject({ deviceCount: 6, statistics: { pending: 6 } })
  })
})

describe('a deployment whose making was cut short', () => {
  it('is gone at the next start, with its devices', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'otabench-filling-'))
    const path = join(folder, 'bench.db')
    const store = openStore(path)
    const deployment = { id: 'cut', name: 'cut', artifactName: 'v1', isForced: false, group: null, createdAt: 1 }
    store.deployments.add({ ...deployment, isFilling: true }, [])
    store.devices.add({ id: 'd1', identityHash: 'h1', identity: { mac: '1' }, createdAt: 1 })
    store.filling.add('cut', [{ id: 'd1', number: 1, name: 'one' }], 1)
    store.deployments.add({ ...deployment, id: 'kept' }, [{ id: 'd1', name: 'one' }])
    store.close()
    const again = openStore(path)
    expect(again.filling.unfinished()).toEqual([])
    expect(again.filling.hasAll('cut', [{ number: 1 }])).toBe(false)
    expect(again.deployments.list().map(({ id }) => id)).toEqual(['kept'])
    again.close()
    await rm(folder, { recursive: true })
  })
})
