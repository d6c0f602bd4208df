import fc from 'fast-check'
import { expect, it } from 'vitest'
import { benchQuery, facet, parseBenchQuery } from './bench-filter.ts'
import { type DeviceState, statesOf } from './device-states.ts'

it('a filter of the bench survives being written into a link and read again', () => {
  const text = fc.string({ minLength: 1, maxLength: 50, unit: 'grapheme' })
  const chip = fc.record({ facet: fc.constantFrom(...facet.options.filter((name) => name !== 'state')), value: text })
  fc.assert(
    fc.property(fc.array(chip, { maxLength: 8 }), fc.option(text, { nil: '' }), (chips, words) => {
      expect(parseBenchQuery(benchQuery({ text: words, chips }))).toEqual({ text: words, chips })
    }),
  )
})

it('what is no filter is none: unknown names and states, two texts, empty values', () => {
  const none = ['colour=red', 'state=happy', 'text=a&text=b', 'group=', '=x', 'group=%']
  expect(none.map(parseBenchQuery)).toEqual(none.map(() => null))
  expect(parseBenchQuery('')).toEqual({ text: '', chips: [] })
  expect(parseBenchQuery('state=failed&tag=room%3Dlab')?.chips).toEqual([
    { facet: 'state', value: 'failed' },
    { facet: 'tag', value: 'room=lab' },
  ])
})

it('a device is online when it is accepted and heard, also while it is updated; silent when it is not heard any more', () => {
  const device = { newKey: null, status: 'accepted', silentAt: null, lastSeenAt: 5, card: { state: 'up-to-date', detail: '' } } as const
  const of = (more: Partial<Parameters<typeof statesOf>[0]>): DeviceState[] => [...statesOf({ ...device, ...more })].toSorted()
  expect(of({})).toEqual(['online'])
  expect(of({ card: { state: 'downloading', detail: '' } })).toEqual(['online', 'updating'])
  expect(of({ silentAt: 9 })).toEqual(['silent'])
  expect(of({ card: { state: 'off', detail: '' } })).toEqual(['off'])
  expect(of({ lastSeenAt: null, status: 'pending', card: { state: 'pending', detail: '' } })).toEqual(['pending'])
  expect(of({ newKey: { authsetId: 'a', keyFingerprint: '', askedAt: 1 } })).toEqual(['online', 'pending'])
})
