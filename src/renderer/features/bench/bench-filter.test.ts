import type { BenchChip } from '@contract/bench-filter.ts'
import { describe, expect, it } from 'vitest'
import { benchDevice } from './bench-device.cases.ts'
import { chipOptions, chipWords, facetWords, fitsChips, judgedAlone, termsOf } from './bench-filter.ts'

const DEVICES = [
  benchDevice('a', 'failed', { deviceType: 'pi', group: 'lab', lastSeenAt: 1, artifactName: 'v2' }),
  benchDevice('b', 'up-to-date', { deviceType: 'pi', lastSeenAt: 1, artifactName: 'v10' }),
  benchDevice('c', 'pending', { deviceType: 'bone', status: 'pending' }),
]
const chip = (facet: BenchChip['facet'], value: string): BenchChip => ({ facet, value })
const names = (chips: BenchChip[]): string =>
  DEVICES.filter((device) => fitsChips(device, chips))
    .map(({ name }) => name)
    .join('')
const ROOM = { name: 'night', deviceCount: 2, filter: [{ scope: 'inventory', attribute: 'mem', type: '$gte', value: '512' } as const] }

describe('the conditions of the bench', () => {
  it('are offered with how many devices meet them, states that nobody is in left out', () => {
    const offered = chipOptions(
      {
        devices: DEVICES,
        tags: [{ name: 'room', value: 'lab', deviceCount: 7 }],
        groups: [ROOM, { ...ROOM, name: 'lab', filter: null, deviceCount: 5 }],
      },
      [chip('type', 'gone')],
    )
    expect(offered.map(([facet, options]) => [facet, ...options.map(({ label, count }) => `${label} ${count}`)])).toEqual([
      ['state', 'asks to join 1', 'online 2', 'failed 1'],
      ['saved', 'night 2'],
      ['group', 'lab 5'],
      ['type', 'bone 1', 'pi 2', 'gone 0'],
      ['software', 'v2 1', 'v10 1'],
      ['tag', 'room=lab 7'],
    ])
    expect(chipWords(chip('state', 'pending'))).toBe('state: asks to join')
  })

  it('say in how many devices they were counted, and asked for, where there are more than are here', () => {
    expect(facetWords('state', 1000, 1500)).toBe('State, of the first 1,000')
    expect(facetWords('state', 1000, 1000)).toBe('State')
    expect(facetWords('group', 1000, 1500)).toBe('Group')
    expect(judgedAlone([chip('state', 'failed')], 1000)).toBe(1000)
    expect(judgedAlone([chip('state', 'failed')], 999)).toBeNull()
    expect(judgedAlone([chip('type', 'pi')], 1000)).toBeNull()
  })

  it('of one facet are alternatives, those of several have to hold together', () => {
    expect(names([])).toBe('abc')
    expect(names([chip('state', 'failed'), chip('state', 'pending')])).toBe('ac')
    expect(names([chip('state', 'online'), chip('type', 'pi')])).toBe('ab')
    expect(names([chip('state', 'online'), chip('type', 'bone')])).toBe('')
    expect(names([chip('group', 'lab')])).toBe('a')
  })

  it('become terms of the engine: alternatives in one, a saved filter with its own, accepted devices alone', () => {
    const chips = [
      chip('type', 'pi'),
      chip('type', 'bone'),
      chip('tag', 'room=a=b'),
      chip('tag', 'room=c'),
      chip('saved', 'night'),
      chip('state', 'failed'),
    ]
    expect(termsOf(chips, [ROOM])).toEqual([
      { scope: 'inventory', attribute: 'device_type', type: '$in', value: ['pi', 'bone'] },
      { scope: 'tags', attribute: 'room', type: '$in', value: ['a=b', 'c'] },
      ...ROOM.filter,
      { scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' },
    ])
  })

  it('are met by nobody once a saved filter among them is gone, or is a list', () => {
    expect(termsOf([chip('saved', 'gone')], [ROOM])).toBeNull()
    expect(termsOf([chip('saved', 'night'), chip('saved', 'list')], [ROOM, { ...ROOM, name: 'list', filter: null }])).toBeNull()
  })
})
