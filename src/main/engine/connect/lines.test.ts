import { expect, it } from 'vitest'
import { DeviceLines, type Pipe } from './lines.ts'

const pipe: Pipe = {
  send: () => undefined,
  pendingBytes: () => 0,
  onDrain: (ready) => ready(),
  pause: () => undefined,
  resume: () => undefined,
  close: () => undefined,
}

it('a device that has just lost its connection is about to have it again: each deployment breaks it once (trap 13)', () => {
  const clock = { now: 1000 }
  const lines = new DeviceLines({ now: () => clock.now, newId: () => 'session' })
  expect(lines.stateOf('d')).toEqual({ state: 'never', since: null })
  const line = lines.attach('d', pipe)
  expect(lines.stateOf('d')).toEqual({ state: 'connected', since: 1000 })
  clock.now = 2000
  line.ended('gone')
  expect(lines.stateOf('d')).toEqual({ state: 'reconnecting', since: 2000 })
  clock.now = 12_001
  expect(lines.stateOf('d')).toEqual({ state: 'disconnected', since: 2000 })
  const again = lines.attach('d', pipe)
  lines.attach('d', pipe)
  again.ended('late news of the old one')
  expect(lines.stateOf('d').state).toBe('connected')
})

it('a device that has just lost its connection is waited for, some seconds; no other is', async () => {
  const clock = { now: 1000 }
  const lines = new DeviceLines({ now: () => clock.now, newId: () => 'session' })
  await lines.awaitReturn('d')
  const line = lines.attach('d', pipe)
  await lines.awaitReturn('d')
  line.ended('gone')
  const waiting = lines.awaitReturn('d').then(() => lines.stateOf('d').state)
  const given = new AbortController()
  const impatient = lines.awaitReturn('d', given.signal).then(() => lines.stateOf('d').state)
  given.abort()
  expect(await impatient).toBe('reconnecting')
  lines.attach('d', pipe).ended('gone again')
  const again = lines.attach('d', pipe)
  expect(await waiting).toBe('connected')
  again.ended('gone')
  clock.now += 4950
  await lines.awaitReturn('d')
  expect(lines.stateOf('d').state).toBe('reconnecting')
})

it('a device has so many sessions and no more', () => {
  const lines = new DeviceLines({ now: () => 0, newId: () => crypto.randomUUID() })
  const end = { take: () => undefined, ended: () => undefined }
  expect(() => lines.open('d', end)).toThrow('not connected')
  lines.attach('d', pipe)
  const sessions = Array.from({ length: 64 }, () => lines.open('d', end))
  expect(() => lines.open('d', end)).toThrow('64 sessions')
  sessions[0]?.close()
  expect(lines.open('d', end).isOpen).toBe(true)
})
