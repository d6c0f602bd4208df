import { expect, test } from 'vitest'
import { connectionWords } from './connection-words.ts'

test('a virtual device connects by itself, a real one when something is installed', () => {
  const connection = { state: 'never', since: null } as const
  expect(connectionWords({ virtual: null, connection }).text).toContain('Install it')
  const coming = connectionWords({ virtual: { boardId: null, profile: 'good' }, connection })
  expect(coming).toEqual({ word: 'not connected yet', text: 'While it runs, a virtual device connects by itself within seconds.' })
})
