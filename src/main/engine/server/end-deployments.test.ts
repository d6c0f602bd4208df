import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { abortDeployment, stopWhenFailing } from './deployment-actions.ts'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'
import { endSliceBySlice } from './end-deployments.ts'

/** So few that five devices make three slices. */
const SLICE = 2
const DEPLOYMENTS = '/api/devices/v1/deployments/device/deployments'

let bench: DeviceBench
let devices: { id: string; token: string }[] = []
beforeEach(async () => {
  bench = await openDeviceBench()
  await bench.addArtifact('v2', Buffer.alloc(5000))
  devices = []
  for (const mac of ['m0', 'm1', 'm2', 'm3', 'm4']) devices.push(await bench.join(mac))
})
afterEach(() => bench[Symbol.asyncDispose]())

const deploy = () =>
  bench.deploy(
    'v2',
    devices.map(({ id }) => id),
  )
const ask = (index: number, method: 'GET' | 'PUT', url: string, payload?: object) =>
  bench.app.inject({
    method,
    url: `${DEPLOYMENTS}${url}`,
    headers: { authorization: `Bearer ${devices[index]?.token}` },
    ...(payload && { payload }),
  })
const next = async (index: number) => (await ask(index, 'GET', '/next?artifact_name=v1&device_type=board')).statusCode
const report = async (index: number, id: string, status: string) => (await ask(index, 'PUT', `/${id}/status`, { status })).statusCode

/** One has finished, one is at it, one was offered it, two have not asked. */
async function begin(): Promise<string> {
  const id = deploy()
  for (const index of [0, 1, 2]) expect(await next(index)).toBe(200)
  expect([await report(0, id, 'success'), await report(1, id, 'installing')]).toEqual([204, 204])
  return id
}

const outcome = (id: string) => ({
  deployment: bench.store.deployments.get(id),
  devices: devices.map((device) => bench.store.deviceDeployments.get(id, device.id)),
})
const plain = (id: string) =>
  JSON.parse(
    JSON.stringify(outcome(id))
      .replaceAll(id, 'ID')
      .replace(/"name":"test [^"]*",/, ''),
  )

describe('a deployment to many devices', () => {
  it('is aborted as one to few is, and answers the devices the same', async () => {
    const few = await begin()
    await abortDeployment(bench.actions, few)
    const expected = plain(few)
    const many = await begin()
    await abortDeployment(bench.actions, many, SLICE)
    expect(plain(many)).toEqual(expected)
    expect(bench.store.ending.all()).toEqual([])
    expect(await Promise.all([0, 1, 3].map((index) => next(index)))).toEqual([204, 204, 204])
    expect(await report(1, many, 'success')).toBe(409)
    expect(bench.store.timeline.ofDevice(devices[1]?.id ?? '', many).at(-2)?.text).toBe('v2: aborted')
    await expect(abortDeployment(bench.actions, many, SLICE)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('gives nothing to a device whose turn has not come, and tells it of the end', async () => {
    const id = await begin()
    const aborted = abortDeployment(bench.actions, id, SLICE)
    // Only the first slice is through.
    expect(outcome(id).devices.map((each) => each?.status)).toEqual(['success', 'aborted', 'pending', 'pending', 'pending'])
    bench.store.ending.begin(id, { why: 'x', sparesBegun: false })
    expect(await next(4)).toBe(204)
    expect(await report(2, id, 'downloading')).toBe(409)
    await aborted
    expect(outcome(id).deployment).toMatchObject({ status: 'finished', statistics: { success: 1, aborted: 4 } })
  })

  it('is stopped by its failures where devices have not begun, by the server, also after a new start', async () => {
    const id = await begin()
    bench.store.transaction(() => {
      for (const each of [bench.store.deviceDeployments.get(id, devices[2]?.id ?? '')])
        if (each) bench.store.deviceDeployments.update({ ...each, status: 'failure', finishedAt: 1 })
    })
    bench.store.ending.begin(id, { why: 'One device has failed.', sparesBegun: true })
    expect(bench.store.ending.all()).toEqual([id])
    expect([await next(3), await report(1, id, 'rebooting')]).toEqual([204, 204])
    await endSliceBySlice(bench.actions, id, SLICE)
    expect(outcome(id).devices.map((each) => each?.status)).toEqual(['success', 'rebooting', 'failure', 'aborted', 'aborted'])
    expect(outcome(id).devices[4]?.explanation).toBe('One device has failed.')
    expect(bench.store.ending.all()).toEqual([])
    expect(await report(1, id, 'success')).toBe(204)
    expect(outcome(id).deployment?.status).toBe('finished')
    stopWhenFailing(bench.actions, id, SLICE)
    expect(bench.store.ending.all()).toEqual([])
  })
})
