import { expect, it } from 'vitest'
import { devicePolls, fleetPolls } from '../views/fleet-figures.ts'
import { openDeviceBench } from './device.cases.ts'

const ALL = { group: null, deviceType: null }

it('a poll that comes late is told from those in time, and is kept when all is written', async () => {
  await using bench = await openDeviceBench()
  const { store, clock } = bench
  const now = () => clock.now
  const { id, token } = await bench.join('aa')
  const poll = async (afterMs: number) => {
    clock.now += afterMs
    await bench.app.inject({
      method: 'POST',
      url: '/api/devices/v2/deployments/device/deployments/next',
      headers: { authorization: `Bearer ${token}` },
      payload: { device_provides: { artifact_name: 'v1', device_type: 'board' } },
    })
  }
  expect(devicePolls(id, { store })).toEqual({ polls: [], expectedMs: null, bins: [] })
  for (const afterMs of [0, 60_000, 60_000, 60_000, 200, 179_800]) await poll(afterMs)
  const kinds = () => devicePolls(id, { store })?.polls.map(({ gapMs, kind }) => [gapMs, kind])
  const expected = [
    [60_000, 'on-time'],
    [60_000, 'on-time'],
    [60_000, 'on-time'],
    [180_000, 'late'],
  ]
  expect(kinds()).toEqual(expected)
  expect(fleetPolls(ALL, { store, now })).toMatchObject({ deviceCount: 1, lateDeviceCount: 1, expectedMs: 60_000 })
  store.lastSeen.flush()
  store.lastSeen.forget(id)
  expect(kinds()).toEqual(expected)
  expect(fleetPolls(ALL, { store, now })).toMatchObject({ deviceCount: 1, lateDeviceCount: 1 })
  for (let count = 0; count < 100; count += 1) await poll(60_000)
  expect(kinds()).toHaveLength(48)
  expect(fleetPolls(ALL, { store, now })).toMatchObject({ lateDeviceCount: 0, bins: [{ onTimeCount: 48, lateCount: 0 }] })
  clock.now += 120_000
  expect(fleetPolls(ALL, { store, now })).toMatchObject({ lateDeviceCount: 1 })
  store.devices.remove(id)
  expect(devicePolls(id, { store })).toBeNull()
  expect(fleetPolls(ALL, { store, now })).toMatchObject({ deviceCount: 0, bins: [] })
})
