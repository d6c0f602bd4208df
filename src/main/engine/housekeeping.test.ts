import { expect, it } from 'vitest'
import type { AppError } from '../contract/errors.ts'
import { fakeHost } from './host.fake.ts'
import { keepHouse } from './housekeeping.ts'
import { openStore } from './store/open.ts'

const DAY_MS = 86_400_000

const fail = (error: AppError): never => {
  throw error
}

it('what happened more than 90 days ago is forgotten, at the start and day by day', async () => {
  const { clock } = fakeHost()
  const store = openStore(':memory:')
  const entry = { deviceId: 'd', deploymentId: null, lane: 'http', level: 'info', text: 'x' } as const
  store.timeline.append({ ...entry, at: clock.now() - 91 * DAY_MS })
  store.timeline.append({ ...entry, at: clock.now() - 90 * DAY_MS })
  const abort = new AbortController()
  const keeping = keepHouse({ store, artifactFiles: { remove: async () => undefined }, clock, onDefect: fail }, abort.signal)
  expect(store.timeline.ofDevice('d')).toHaveLength(1)
  await new Promise(setImmediate)
  clock.advance(DAY_MS)
  await new Promise(setImmediate)
  expect(store.timeline.ofDevice('d')).toHaveLength(0)
  abort.abort()
  await keeping
  store.close()
})

it('a day on which nothing can be forgotten is told, and not the end', async () => {
  const { clock } = fakeHost()
  const store = openStore(':memory:')
  store.close()
  const abort = new AbortController()
  const told: AppError[] = []
  const keeping = keepHouse(
    { store, artifactFiles: { remove: async () => undefined }, clock, onDefect: (error) => told.push(error) },
    abort.signal,
  )
  clock.advance(DAY_MS)
  await new Promise(setImmediate)
  expect(told).toHaveLength(2)
  abort.abort()
  await keeping
})
