import { expect, it } from 'vitest'
import { fakeHost } from './host.fake.ts'
import { keepHouse } from './housekeeping.ts'
import { openStore } from './store/open.ts'

const DAY_MS = 86_400_000

it('what happened more than 90 days ago is forgotten, at the start and day by day', async () => {
  const { clock } = fakeHost()
  const store = openStore(':memory:')
  const entry = { deviceId: 'd', deploymentId: null, lane: 'http', level: 'info', text: 'x' } as const
  store.timeline.append({ ...entry, at: clock.now() - 91 * DAY_MS })
  store.timeline.append({ ...entry, at: clock.now() - 90 * DAY_MS })
  const abort = new AbortController()
  const keeping = keepHouse(store, clock, abort.signal)
  expect(store.timeline.ofDevice('d')).toHaveLength(1)
  clock.advance(DAY_MS)
  await new Promise(setImmediate)
  expect(store.timeline.ofDevice('d')).toHaveLength(0)
  abort.abort()
  await keeping
  store.close()
})
