import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import type { KeptJob } from '../../contract/jobs.ts'
import { type Store, openStore } from './open.ts'

let store: Store
beforeEach(() => {
  store = openStore(':memory:')
})
afterEach(() => store.close())

function addDevice(id: string, group: string | null = null): void {
  store.devices.add({ id, identityHash: `hash-${id}`, identity: { mac: id, tags: ['a', 'b'] }, createdAt: Number(id.slice(1)) })
  const authset = { id: `${id}-key`, deviceId: id, publicKeyPem: 'PEM', fingerprint: 'f', algorithm: 'RSA', createdAt: 1 }
  store.authsets.add({ ...authset, status: 'accepted' })
  store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'accepted', at: 1 })
  store.devices.setGroup([id], group)
}

describe('devices', () => {
  it('come in order of arrival, in pages, by status, by group', () => {
    for (const id of ['d1', 'd2', 'd3']) addDevice(id, id === 'd2' ? null : 'lab')
    store.authsets.setStatuses('d1', { statuses: new Map([['d1-key', 'rejected']]), deviceStatus: 'rejected', at: 2 })
    expect(store.devices.list().map(({ id }) => id)).toEqual(['d1', 'd2', 'd3'])
    expect(store.devices.page({ offset: 1, limit: 1 }).map(({ id }) => id)).toEqual(['d2'])
    expect(store.devices.page({ status: 'accepted', offset: 0, limit: 9 }).map(({ id }) => id)).toEqual(['d2', 'd3'])
    expect(store.devices.byIds(['d3', 'nobody', 'd1']).map(({ id }) => id)).toEqual(['d1', 'd3'])
    expect([store.devices.count(), store.devices.count('rejected')]).toEqual([3, 1])
    expect(store.devices.acceptedIds(null)).toEqual(['d2', 'd3'])
    expect(store.devices.acceptedIds('lab')).toEqual(['d3'])
    expect(store.devices.groups()).toEqual(new Map([['lab', 2]]))
  })

  it('keep one accepted key: handing it on works, a second one is refused by the table', () => {
    addDevice('d1')
    const second = {
      id: 'k2',
      deviceId: 'd1',
      publicKeyPem: 'P',
      fingerprint: 'g',
      algorithm: 'RSA',
      status: 'pending' as const,
      createdAt: 2,
    }
    store.authsets.add(second)
    const swap = new Map([
      ['k2', 'accepted'],
      ['d1-key', 'rejected'],
    ] as const)
    store.authsets.setStatuses('d1', { statuses: swap, deviceStatus: 'accepted', at: 3 })
    expect(store.authsets.ofDevice('d1').map(({ id, status }) => [id, status])).toEqual([
      ['d1-key', 'rejected'],
      ['k2', 'accepted'],
    ])
    expect([...store.authsets.ofDevices(['none', 'd1'])]).toEqual([['d1', store.authsets.ofDevice('d1')]])
    expect(() =>
      store.authsets.setStatuses('d1', { statuses: new Map([['d1-key', 'accepted']]), deviceStatus: 'accepted', at: 4 }),
    ).toThrow(/UNIQUE/)
  })

  it('take keys and attributes along when they go', () => {
    addDevice('d1')
    store.inventory.merge('d1', [{ scope: 'inventory', name: 'a', value: 'b' }], 1)
    store.devices.remove('d1')
    expect([store.authsets.get('d1-key'), store.inventory.ofDevice('d1')]).toEqual([null, []])
  })
})

describe('inventory', () => {
  it('says whether anything changed, and keeps scopes apart', () => {
    addDevice('d1')
    const attribute = { scope: 'inventory', name: 'ip', value: ['1', '2'] }
    expect(store.inventory.replace('d1', 'inventory', [attribute], 1)).toBe(true)
    expect(store.inventory.replace('d1', 'inventory', [attribute], 2)).toBe(false)
    store.inventory.merge('d1', [{ scope: 'tags', name: 'rack', value: '7' }], 3)
    expect(store.inventory.replace('d1', 'inventory', [], 4)).toBe(true)
    expect(store.inventory.ofDevice('d1')).toEqual([{ scope: 'tags', name: 'rack', value: '7', updatedAt: 3 }])
    expect(store.inventory.names().filter(({ scope }) => scope !== 'identity')).toEqual([{ scope: 'tags', name: 'rack', count: 1 }])
    expect(store.inventory.inSlice({ after: 0, upTo: 1 }).get('d1')).toHaveLength(1)
  })
})

describe('deployments', () => {
  const deployment = { id: 'x', name: 'first', artifactName: 'v2', isForced: false, group: null, createdAt: 10 }
  beforeEach(() => {
    for (const id of ['d1', 'd2']) addDevice(id)
  })

  it('count their devices by status and end with the last one', () => {
    store.deployments.add(deployment, [
      { id: 'd1', name: 'one' },
      { id: 'd2', name: 'two' },
    ])
    expect(store.deployments.get('x')).toMatchObject({ status: 'pending', statistics: { pending: 2 }, deviceCount: 2, finishedAt: null })
    const move = (deviceId: string, status: 'downloading' | 'success', finishedAt: number | null) => {
      const current = store.deviceDeployments.get('x', deviceId)
      if (current) store.deviceDeployments.update({ ...current, status, finishedAt })
    }
    move('d1', 'downloading', null)
    expect(store.deployments.get('x')).toMatchObject({ status: 'inprogress', statistics: { pending: 1, downloading: 1 } })
    move('d1', 'success', 20)
    move('d2', 'success', 30)
    expect(store.deployments.get('x')).toMatchObject({ status: 'finished', statistics: { success: 2 }, finishedAt: 30 })
    expect(store.deployments.active()).toEqual([])
  })

  it('come to a device in the order in which they were made, also within one millisecond', () => {
    for (const id of ['b', 'a', 'c']) store.deployments.add({ ...deployment, id }, [{ id: 'd1', name: 'one' }])
    expect(store.deviceDeployments.active('d1')[0]?.deploymentId).toBe('b')
    expect(store.deviceDeployments.ofDevice('d1').map(({ deploymentId }) => deploymentId)).toEqual(['c', 'a', 'b'])
    expect(store.deviceDeployments.latest(1)?.deploymentId).toBe('c')
    expect([...store.deviceDeployments.latestOfEach([2, 1])].map(([number, { deploymentId }]) => [number, deploymentId])).toEqual([
      [1, 'c'],
    ])
  })

  it('are told piece by piece and page by page, as they are told at once', async () => {
    for (const id of ['d3', 'd4', 'd5']) addDevice(id)
    const ids = ['d1', 'd2', 'd3', 'd4', 'd5']
    store.deployments.add(
      deployment,
      ids.map((id) => ({ id, name: id })),
    )
    const statuses = ['failure', 'pending', 'downloading', 'failure', 'pause_before_rebooting'] as const
    for (const [index, each] of store.deviceDeployments.ofDeployment('x').entries())
      store.deviceDeployments.update({
        ...each,
        status: statuses[index] ?? 'pending',
        finishedAt: statuses[index] === 'failure' ? 9 : null,
      })
    const all = store.deviceDeployments.ofDeployment('x')
    expect([...store.deviceDeployments.slices('x', 2)].map(({ length }) => length)).toEqual([2, 2, 1])
    expect([...store.deviceDeployments.slices('x', 2)].flat()).toEqual(all)
    const page = (kind: { statuses: (typeof statuses)[number][] | null; isFinished: boolean | null }) =>
      store.deviceDeployments.page('x', kind, { offset: 1, limit: 2 })
    expect(await page({ statuses: null, isFinished: null })).toEqual({ found: all.slice(1, 3), total: 5 })
    expect(await page({ statuses: ['failure'], isFinished: null })).toEqual({ found: [all[3]], total: 2 })
    expect(await page({ statuses: ['failure', 'pending'], isFinished: null })).toEqual({ found: [all[1], all[3]], total: 3 })
    expect(await page({ statuses: null, isFinished: false })).toEqual({ found: [all[2], all[4]], total: 3 })
  })

  it('keep the log of each device', () => {
    store.deployments.add(deployment, [{ id: 'd1', name: 'one' }])
    const messages = [{ at: 't', level: 'error', message: 'no' }]
    store.deviceDeployments.setLog({ deploymentId: 'x', deviceId: 'd1' }, messages, 5)
    expect(store.deviceDeployments.log('x', 'd1')).toEqual(messages)
    expect(store.deviceDeployments.get('x', 'd1')?.hasLog).toBe(true)
    expect(store.deviceDeployments.log('x', 'nobody')).toEqual([])
  })
})

describe('artifacts', () => {
  it('come back as they were, the smallest of a name first', () => {
    const plain = { description: '', sha256: 'aa', addedAt: 1 }
    store.artifacts.add({ ...plain, id: 'big', sizeBytes: 900, content: CONTENT })
    store.artifacts.add({ ...plain, id: 'small', sizeBytes: 10, content: { ...CONTENT, deviceTypes: ['other'] } })
    expect(store.artifacts.byName('v2').map(({ id }) => id)).toEqual(['small', 'big'])
    expect(store.artifacts.get('big')?.content).toEqual(CONTENT)
    store.artifacts.remove('big')
    expect(store.artifacts.list()).toHaveLength(1)
  })
})

describe('the timeline', () => {
  it('reads the oldest first, of a device or of one deployment on it, and forgets what is old', () => {
    const entry = { at: 1, deviceId: 'd1', deploymentId: null, lane: 'http' as const, level: 'info' as const, text: 'one' }
    store.timeline.append(entry)
    const second = store.timeline.append({ ...entry, at: 2, deploymentId: 'x', lane: 'log', text: 'two' })
    store.timeline.append({ ...entry, at: 3, deviceId: 'd2', text: 'three' })
    expect(store.timeline.ofDevice('d1').map(({ text }) => text)).toEqual(['one', 'two'])
    expect(store.timeline.ofDevice('d1', 'x').map(({ id }) => id)).toEqual([second])
    expect(store.timeline.ofDevice('d1', null, 1).map(({ text }) => text)).toEqual(['two'])
    expect(store.timeline.lastOf('d1', 'http')?.text).toBe('one')
    expect(store.timeline.prune(3)).toBe(2)
    expect(store.timeline.recent(10).map(({ text }) => text)).toEqual(['three'])
  })
})

describe('jobs', () => {
  it('keep state, progress, failure and log', () => {
    const job: KeptJob = {
      ...{ id: 'j', kind: 'flash', title: 'Flash', state: 'running', steps: ['a', 'b'], step: 0 },
      ...{ progress: { done: 1, total: null, unit: 'bytes' }, startedAt: 1, endedAt: null, failure: null, batch: 'b' },
    }
    store.jobs.save(job)
    store.jobs.appendLog('j', ['one', 'two'])
    expect(store.jobs.list()).toEqual([job])
    const ended: KeptJob = { ...job, state: 'failed', endedAt: 2, failure: { code: 'DISK_FULL', message: 'm', hint: 'h' } }
    store.jobs.save(ended)
    expect(store.jobs.list()).toEqual([ended])
    expect(store.jobs.log('j')).toEqual(['one', 'two'])
  })
})

describe('changes', () => {
  it('are told to who waits for them, once', () => {
    const woken: string[] = []
    for (const [name, changes] of Object.entries(store.changes)) changes.onNext(() => woken.push(name))
    addDevice('d1')
    store.settings.set('a', 1)
    store.timeline.append({ at: 1, deviceId: 'd1', deploymentId: null, lane: 'http', level: 'info', text: 'one' })
    expect(woken).toEqual(['devices', 'deviceFacts', 'credentials', 'settings', 'timeline'])
  })

  it('are told of what devices are and say apart from how they do', () => {
    const { devices, deviceFacts } = store.changes
    const counts = (work: () => unknown): [number, number] => {
      const before = [devices.count, deviceFacts.count] as const
      work()
      return [devices.count - before[0], deviceFacts.count - before[1]]
    }
    addDevice('d1')
    const said = [{ scope: 'inventory', name: 'hostname', value: 'pi' }]
    expect(counts(() => store.devices.rename('d1', 'left'))).toEqual([1, 1])
    expect(counts(() => store.devices.setReported('d1', { deviceType: 'board', artifactName: null, at: 1 }))).toEqual([1, 1])
    expect(counts(() => store.inventory.merge('d1', said, 1))).toEqual([1, 1])
    expect(counts(() => store.inventory.merge('d1', said, 2))).toEqual([0, 0])
    expect(counts(() => store.devices.setSilent('d1', 3))).toEqual([1, 0])
    store.lastSeen.set('d1', { lastSeenAt: 4, lastPollAt: 4, pollIntervalMs: null })
    expect(counts(() => store.lastSeen.announce())).toEqual([1, 0])
    expect(counts(() => store.devices.remove('d1'))).toEqual([1, 1])
  })
})

const CONTENT: ArtifactContent = {
  ...{ formatVersion: 3, name: 'v2', group: null, deviceTypes: ['board', 'other'], payloadType: 'rootfs-image', compression: 'gzip' },
  ...{ dependsNames: ['v1'], dependsGroups: [], provides: { a: 'b' }, depends: { c: ['d', 'e'] }, clearsProvides: ['x.*'], scripts: ['s'] },
  ...{ metaData: { deep: { list: [1, null] } }, files: [{ name: 'f', sizeBytes: 3, sha256: 'ab', modifiedAt: 5 }] },
  ...{ signature: { present: true, verifiedBy: 'key' }, warnings: [] },
}

it('tags come with how many devices have them, the commonest first', () => {
  for (const id of ['d1', 'd2', 'd3']) addDevice(id)
  store.inventory.merge('d1', [{ scope: 'tags', name: 'room', value: 'lab' }], 1)
  store.inventory.merge('d2', [{ scope: 'tags', name: 'room', value: 'lab' }], 1)
  store.inventory.merge('d2', [{ scope: 'tags', name: 'owner', value: ['ann', 'bob'] }], 1)
  store.inventory.merge('d3', [{ scope: 'inventory', name: 'room', value: 'cellar' }], 1)
  const found = (limit: number) => store.tags.common(limit).map(({ name, value, deviceCount }) => `${name}=${value} ${deviceCount}`)
  expect(found(9)).toEqual(['room=lab 2', 'owner=ann 1', 'owner=bob 1'])
  expect(found(1)).toEqual(['room=lab 2'])
  store.inventory.replace('d2', 'tags', [], 2)
  expect(found(9)).toEqual(['room=lab 1'])
})
