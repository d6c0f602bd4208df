import { expect, test } from 'vitest'
import { consoleOf, othersOf, provisionOf } from './discovered-words.ts'

const serial = { road: 'serial', place: '/dev/ttyUSB0', detail: 'FTDI' } as const
const neighbour = { road: 'neighbour', place: '10.0.0.7', detail: 'eth0' } as const
const nothing = { roads: [], ssh: null, addresses: [], deviceId: null }

test('a board is provisioned over SSH where it offers it, and its console is the serial one where there is a port', () => {
  const both = { ...nothing, roads: [serial], ssh: { host: '10.0.0.7', port: 2222 }, addresses: ['10.0.0.7'], deviceId: 'd' }
  expect(provisionOf(both)).toEqual({ road: 'ssh', place: '10.0.0.7', tcpPort: 2222 })
  expect(consoleOf(both)).toEqual({ deviceId: 'd', path: '/dev/ttyUSB0' })
  expect(provisionOf({ ...nothing, roads: [serial] })).toEqual({ road: 'serial', place: '/dev/ttyUSB0' })
  expect(consoleOf({ ...both, roads: [], deviceId: null })).toEqual({ host: '10.0.0.7', port: 2222 })
  const bare = { ...nothing, roads: [neighbour], addresses: ['10.0.0.7'] }
  expect([provisionOf(bare), consoleOf(bare)]).toEqual([{ road: 'ssh', place: '10.0.0.7' }, { host: '10.0.0.7' }])
  expect([provisionOf(nothing), consoleOf(nothing)]).toEqual([null, null])
})

test('what is left out is told by what it is', () => {
  const [board, unsure] = [
    { isLikely: true, isIgnored: false },
    { isLikely: false, isIgnored: false },
  ]
  const [ignored, ignoredUnsure] = [
    { isLikely: true, isIgnored: true },
    { isLikely: false, isIgnored: true },
  ]
  expect(othersOf([board])).toBeNull()
  expect(othersOf([board, unsure])).toBe('1 port or address that may be a board')
  expect(othersOf([ignored, ignoredUnsure])).toBe('2 ignored boards')
  expect(othersOf([unsure, unsure, ignored])).toBe('2 ports and addresses that may be boards, 1 ignored board')
})
