import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { causeOf } from '../fleet/cause.ts'
import { listDeployments, showDeployment } from './deployment-view.ts'
import { NOW, type ViewBench, openViewBench } from './views.cases.ts'

describe('a deployment as it is shown', () => {
  let bench: ViewBench
  beforeEach(() => (bench = openViewBench()))
  afterEach(() => bench[Symbol.dispose]())
  const device = (id: string) => showDeployment(id, bench.sources)?.devices[0]

  it('stands in the list as alone, the newest first, without what only the store needs', () => {
    bench.addDevice('one', { mac: '1' })
    bench.deploy('d1', ['one'], { status: 'success', finishedAt: NOW })
    bench.deploy('d2', ['one'])
    const list = listDeployments(bench.sources)
    expect(list.map(({ id, status }) => [id, status])).toEqual([
      ['d2', 'pending'],
      ['d1', 'finished'],
    ])
    const { devices, updateControlMap: _none, ...alone } = showDeployment('d1', bench.sources) ?? { devices: [] }
    expect(alone).toEqual(list[1])
    expect(devices).toHaveLength(1)
    expect(Object.keys(alone)).not.toContain('isForced')
    expect(showDeployment('none', bench.sources)).toBeNull()
  })

  it('calls devices as they are called now; one that is gone as it was called then', () => {
    bench.addDevice('one', { mac: 'aa:bb' })
    bench.addDevice('virtual', { mac: 'cc:dd', virtual: 'virt-01 good' })
    bench.deploy('d1', ['one'])
    bench.deploy('d2', ['virtual'])
    expect(device('d1')).toMatchObject({ deviceName: 'aa:bb', isVirtual: false })
    expect(device('d2')).toMatchObject({ deviceName: 'virt-01 good', isVirtual: true })
    bench.store.devices.rename('one', 'the one')
    expect(device('d1')?.deviceName).toBe('the one')
    bench.store.devices.remove('one')
    expect(device('d1')).toMatchObject({ deviceId: 'one', deviceName: 'one then', isVirtual: false })
  })

  it('shows the bytes sent only while a device downloads', () => {
    bench.addDevice('one', { mac: '1' })
    bench.transfers.set('one', { doneBytes: 5, totalBytes: 10 })
    bench.deploy('d1', ['one'], { status: 'downloading' })
    bench.deploy('d2', ['one'], { status: 'installing' })
    expect([device('d1')?.progress, device('d2')?.progress]).toEqual([{ doneBytes: 5, totalBytes: 10 }, null])
  })

  it('explains a failure by the cause that the timeline shows, of this deployment alone', () => {
    bench.addDevice('one', { mac: '1' })
    bench.deploy('d1', ['one'], { status: 'failure', finishedAt: NOW })
    bench.deploy('d2', ['one'], { status: 'failure', finishedAt: NOW })
    const text = 'Kernel panic - not syncing: No working init found.'
    bench.store.timeline.append({ at: NOW, deviceId: 'one', deploymentId: 'd1', lane: 'boot', level: 'error', text })
    const entries = bench.store.timeline.ofDevice('one', 'd1')
    expect(device('d1')?.explanation).toBe(causeOf({ status: 'failure', entries, log: [] })?.summary)
    expect(device('d1')?.explanation).toContain('No working init found')
    expect(device('d2')?.explanation).not.toContain('init')
  })

  it('explains a failure by the log of the device when the timeline says nothing', () => {
    bench.addDevice('one', { mac: '1' })
    bench.deploy('d1', ['one'], { status: 'failure', finishedAt: NOW })
    const message = 'artifact signature is invalid'
    bench.store.deviceDeployments.setLog({ deploymentId: 'd1', deviceId: 'one' }, [{ at: '', level: 'error', message }], NOW)
    expect(device('d1')).toMatchObject({ hasLog: true, explanation: 'The device refused the signature of the artifact.' })
  })

  it('keeps an explanation that was given, and has none while all goes well', () => {
    bench.addDevice('one', { mac: '1' })
    bench.deploy('d1', ['one'], { status: 'noartifact', explanation: 'No artifact of v2 fits.', finishedAt: NOW })
    bench.deploy('d2', ['one'], { status: 'success', finishedAt: NOW })
    bench.deploy('d3', ['one'], { status: 'rebooting' })
    expect(['d1', 'd2', 'd3'].map((id) => device(id)?.explanation)).toEqual(['No artifact of v2 fits.', '', ''])
  })
})
