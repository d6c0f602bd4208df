import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AT_ONCE, type DeploymentPlan, type DeploymentTarget } from '../../contract/deployments.ts'
import { parseFilter } from '../../contract/filters.ts'
import { abortDeployment, createDeployment } from './deployment-actions.ts'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'
import { putInGroup, saveFilter } from './filter-actions.ts'

let bench: DeviceBench
beforeEach(async () => {
  bench = await openDeviceBench()
  await bench.addArtifact('v2', Buffer.alloc(5000))
})
afterEach(() => bench[Symbol.asyncDispose]())

const DEVICES = '/api/devices'
const auth = (token: string) => ({ authorization: `Bearer ${token}` })

/** The deployment that a device is given, or null. */
async function next(token: string): Promise<string | null> {
  const payload = { device_provides: { artifact_name: 'v1', device_type: 'board' } }
  const answer = await bench.app.inject({
    method: 'POST',
    url: `${DEVICES}/v2/deployments/device/deployments/next`,
    headers: auth(token),
    payload,
  })
  return answer.statusCode === 204 ? null : JSON.parse(answer.body).id
}

const report = async (token: string, id: string, status: string) =>
  (
    await bench.app.inject({
      method: 'PUT',
      url: `${DEVICES}/v1/deployments/device/deployments/${id}/status`,
      headers: auth(token),
      payload: { status },
    })
  ).statusCode

const inventory = (token: string, attributes: Record<string, string>) =>
  bench.app.inject({
    ...{ method: 'PUT', url: `${DEVICES}/v1/inventory/device/attributes`, headers: auth(token) },
    payload: Object.entries(attributes).map(([name, value]) => ({ name, value })),
  })

function order(target: DeploymentTarget, plan: Partial<DeploymentPlan> = {}): string {
  bench.clock.now += 1
  return createDeployment(bench.actions, {
    name: `test ${randomUUID()}`,
    artifactName: 'v2',
    isForced: false,
    target,
    plan: { ...AT_ONCE, ...plan },
  }).id
}

const outcome = (id: string) => bench.store.deployments.get(id)

describe('a device that fails', () => {
  it('gets it again as often as the plan says, and has failed then', async () => {
    const { id: device, token } = await bench.join('aa')
    const id = order({ kind: 'devices', ids: [device] }, { retries: 2 })
    for (const attempt of [1, 2]) {
      expect(await next(token)).toBe(id)
      await report(token, id, 'downloading')
      expect(await report(token, id, 'failure')).toBe(204)
      expect(await report(token, id, 'failure')).toBe(204)
      expect(bench.store.deviceDeployments.get(id, device)).toMatchObject({ status: 'pending', failedAttempts: attempt, finishedAt: null })
    }
    expect(await next(token)).toBe(id)
    await report(token, id, 'failure')
    expect(bench.store.deviceDeployments.get(id, device)).toMatchObject({ status: 'failure', failedAttempts: 3 })
    expect(outcome(id)).toMatchObject({ status: 'finished', statistics: { failure: 1 } })
    expect(await next(token)).toBeNull()
  })

  it('may succeed at the second try', async () => {
    const { id: device, token } = await bench.join('aa')
    const id = order({ kind: 'devices', ids: [device] }, { retries: 1 })
    await next(token)
    await report(token, id, 'failure')
    await next(token)
    for (const status of ['downloading', 'installing', 'success']) await report(token, id, status)
    expect(outcome(id)).toMatchObject({ status: 'finished', statistics: { success: 1 } })
    expect(bench.store.deviceDeployments.get(id, device)?.failedAttempts).toBe(1)
  })
})

describe('a scheduled deployment', () => {
  it('waits for its time, and lets others pass meanwhile', async () => {
    const { id: device, token } = await bench.join('aa')
    const later = order({ kind: 'devices', ids: [device] }, { startAt: bench.clock.now + 60_000 })
    const atOnce = order({ kind: 'devices', ids: [device] })
    expect(await next(token)).toBe(atOnce)
    await report(token, atOnce, 'success')
    expect(await next(token)).toBeNull()
    expect(outcome(later)?.status).toBe('pending')
    bench.clock.now += 60_001
    expect(await next(token)).toBe(later)
  })
})

describe('phases', () => {
  it('let in who asks first, then the others when those have ended', async () => {
    const boards = [await bench.join('aa'), await bench.join('bb'), await bench.join('cc')]
    const tokens = boards.map(({ token }) => token)
    const phases: DeploymentPlan['phases'] = [
      { size: { kind: 'devices', count: 1 }, startAt: null },
      { size: { kind: 'rest' }, startAt: null },
    ]
    const id = order({ kind: 'devices', ids: boards.map((board) => board.id) }, { phases })
    const [a = '', b = '', c = ''] = tokens
    expect([await next(b), await next(a), await next(c)]).toEqual([id, null, null])
    expect(await next(b)).toBe(id)
    await report(b, id, 'success')
    expect([await next(a), await next(c)]).toEqual([id, id])
    for (const token of [a, c]) await report(token, id, 'success')
    expect(outcome(id)).toMatchObject({ status: 'finished', admittedCount: 3, settledCount: 3, statistics: { success: 3 } })
  })

  it('stop when more devices fail than may; who is at it goes on', async () => {
    const boards = [await bench.join('aa'), await bench.join('bb'), await bench.join('cc')]
    const phases: DeploymentPlan['phases'] = [
      { size: { kind: 'devices', count: 2 }, startAt: null },
      { size: { kind: 'rest' }, startAt: null },
    ]
    const id = order({ kind: 'devices', ids: boards.map((board) => board.id) }, { phases, maxFailures: 0 })
    const [a, b, c] = boards.map(({ token }) => token)
    await next(a ?? '')
    await next(b ?? '')
    await report(b ?? '', id, 'downloading')
    await report(a ?? '', id, 'failure')
    expect(outcome(id)).toMatchObject({
      stoppedWhy: expect.stringContaining('One device has failed'),
      statistics: { failure: 1, downloading: 1, aborted: 1 },
    })
    expect(bench.store.deviceDeployments.get(id, boards[2]?.id ?? '')).toMatchObject({
      status: 'aborted',
      explanation: expect.stringContaining('no further device'),
    })
    expect(await next(c ?? '')).toBeNull()
    await report(b ?? '', id, 'success')
    expect(outcome(id)).toMatchObject({ status: 'finished', statistics: { failure: 1, success: 1, aborted: 1 } })
  })
})

describe('a deployment for a filter', () => {
  it('admits devices that come to fit it, until it is aborted', async () => {
    const [a, b] = [await bench.join('aa'), await bench.join('bb')]
    await inventory(a.token, { mem_mb: '1024' })
    await inventory(b.token, { mem_mb: '64' })
    const id = order({ kind: 'filter', filter: parseFilter('mem_mb>=512') })
    expect(outcome(id)).toMatchObject({ deviceCount: 1, isOpen: true, status: 'pending' })
    expect([await next(a.token), await next(b.token)]).toEqual([id, null])
    await inventory(b.token, { mem_mb: '2048' })
    expect(await next(b.token)).toBe(id)
    for (const { token } of [a, b]) await report(token, id, 'success')
    expect(outcome(id)).toMatchObject({ deviceCount: 2, statistics: { success: 2 }, finishedAt: null })
    await abortDeployment(bench.actions, id)
    expect(outcome(id)).toMatchObject({ status: 'finished', isOpen: false, statistics: { success: 2 } })
    const late = await bench.join('cc')
    await inventory(late.token, { mem_mb: '4096' })
    expect(await next(late.token)).toBeNull()
  })

  it('ends by itself when it has as many as it may', async () => {
    const boards = [await bench.join('aa'), await bench.join('bb'), await bench.join('cc')]
    const id = order({ kind: 'filter', filter: parseFilter('board=yes') }, { maxDevices: 2 })
    for (const { token } of boards) await inventory(token, { board: 'yes' })
    const given = await Promise.all(boards.map(({ token }) => next(token)))
    expect(given.filter((each) => each === id)).toHaveLength(2)
    for (const { token } of boards) await report(token, id, 'success')
    expect(outcome(id)).toMatchObject({ status: 'finished', deviceCount: 2 })
  })

  it('is what a group is for that is a filter, and such a group takes no devices by hand', async () => {
    const { id: device, token } = await bench.join('aa')
    saveFilter(bench.actions, { name: 'big', filter: parseFilter('mem_mb>=512') })
    expect(() => putInGroup(bench.actions, [device], 'big')).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    const id = order({ kind: 'group', group: 'big' })
    await inventory(token, { mem_mb: '512' })
    expect(await next(token)).toBe(id)
    putInGroup(bench.actions, [device], 'list')
    expect(() => saveFilter(bench.actions, { name: 'list', filter: parseFilter('a=b') })).toThrow(
      expect.objectContaining({ code: 'CONFLICT' }),
    )
  })
})
