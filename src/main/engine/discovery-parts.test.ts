import { expect, it } from 'vitest'
import type { DiscoveredBoard } from '../contract/discovery.ts'
import { discoveriesOf } from './discovery-parts.ts'
import { normaliseIdentity } from './fleet/identity.ts'
import { fakeHost } from './host.fake.ts'
import { openStore } from './store/open.ts'

const MAC = '02:00:00:00:00:07'

it('devices are read again when what they say has changed, and not because they were heard of', async () => {
  const addresses = ['10.0.0.7']
  const host = fakeHost({
    ip: async () => ({ exitCode: 0, stderr: '', stdout: JSON.stringify(addresses.map((dst) => ({ dst, dev: 'eth0', lladdr: MAC }))) }),
  })
  await host.files.makeFolder('/sys/class/tty')
  const store = openStore(':memory:')
  const { hash } = normaliseIdentity({ mac: MAC })
  store.devices.add({ id: 'd1', identityHash: hash, identity: { mac: MAC }, createdAt: 0 })
  let readCount = 0
  const page: typeof store.devices.page = (wanted) => {
    readCount += 1
    return store.devices.page(wanted)
  }
  const counted = { ...store, devices: { ...store.devices, page } }
  const ending = new AbortController()
  const seen = discoveriesOf({ host, store: counted, deviceIdAt: () => null }).follow(ending.signal)
  /** The board as it is found by a later look around. */
  const next = async (): Promise<DiscoveredBoard | undefined> => {
    const turning = setInterval(() => host.clock.advance(1000), 10)
    const { value } = await seen.next()
    clearInterval(turning)
    return value?.boards[0]
  }
  expect(await next()).toMatchObject({ deviceId: 'd1', addresses })
  for (const last of [8, 9]) {
    addresses.push(`10.0.0.${last}`)
    store.lastSeen.set('d1', { lastSeenAt: last, lastPollAt: last, pollIntervalMs: null })
    store.lastSeen.announce()
    expect(await next()).toMatchObject({ deviceId: 'd1', addresses })
  }
  expect(readCount).toBe(1)
  store.devices.rename('d1', 'on the left')
  expect(await next()).toMatchObject({ name: 'on the left' })
  expect(readCount).toBe(2)
  ending.abort()
  await seen.return()
  store.close()
})
