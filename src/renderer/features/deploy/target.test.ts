import { expect, test } from 'vitest'
import { amongAccepted, targetWords, toggled } from './target.ts'

const devices = [
  { id: '1', name: 'virtual-01', group: 'lab' },
  { id: '2', name: 'virtual-02', group: null },
]

test('one device is named, several are counted, a group says how many are in it', () => {
  expect(targetWords({ kind: 'devices', ids: ['2'] }, devices)).toBe('to virtual-02')
  expect(targetWords({ kind: 'devices', ids: ['1', '2'] }, devices)).toBe('to 2 devices')
  expect(targetWords({ kind: 'group', group: 'lab' }, devices)).toBe('to group lab (1 device)')
  expect(targetWords({ kind: 'all' }, devices)).toBe('to every accepted device (2)')
})

test('unticking the last device leaves no target', () => {
  expect(toggled({ kind: 'devices', ids: ['1'] }, '1')).toBeNull()
  expect(toggled({ kind: 'all' }, '1')).toEqual({ kind: 'devices', ids: ['1'] })
  expect(toggled({ kind: 'devices', ids: ['1'] }, '2')).toEqual({ kind: 'devices', ids: ['1', '2'] })
})

test('who is not accepted yet is left out until it is', () => {
  const aimed = { kind: 'devices' as const, ids: ['1', '3'] }
  expect(amongAccepted(aimed, devices)).toEqual({ kind: 'devices', ids: ['1'] })
  expect(amongAccepted(aimed, [])).toBeNull()
  expect(amongAccepted(aimed, [...devices, { id: '3' }])).toEqual(aimed)
  expect(amongAccepted({ kind: 'all' }, [])).toEqual({ kind: 'all' })
})
