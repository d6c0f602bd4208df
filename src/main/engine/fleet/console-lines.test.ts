import { expect, test } from 'vitest'
import type { TimelineEntry } from '../../contract/devices.ts'
import { withConsole } from './console-lines.ts'

const entry = (id: number, at: number): TimelineEntry => ({
  ...{ id, at, deviceId: 'd', deploymentId: 'x', text: `entry ${id}` },
  ...{ lane: 'state', level: 'info' },
})
const lines = [
  { at: 5, text: 'U-Boot' },
  { at: 15, text: 'Linux' },
  { at: 15, text: 'login:' },
  { at: 90_000, text: 'late' },
]

test('what a console printed stands among the entries by its time, each line under a number of its own', () => {
  const joined = withConsole([entry(1, 10), entry(2, 20)], lines, { id: 'd' })
  expect(joined.map(({ text }) => text)).toEqual(['U-Boot', 'entry 1', 'Linux', 'login:', 'entry 2', 'late'])
  expect(new Set(joined.map(({ id }) => id)).size).toBe(joined.length)
  expect(joined[0]).toMatchObject({ lane: 'serial', deviceId: 'd', deploymentId: null })
})

test('of a deployment there is what was printed from its first entry to a minute after its last', () => {
  const joined = withConsole([entry(1, 10), entry(2, 20)], lines, { id: 'd', deploymentId: 'x' })
  expect(joined.map(({ text }) => text)).toEqual(['entry 1', 'Linux', 'login:', 'entry 2'])
  expect(joined[1]).toMatchObject({ deploymentId: 'x' })
  expect(withConsole([], lines, { id: 'd', deploymentId: 'x' })).toEqual([])
})
