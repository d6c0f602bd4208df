import { expect, it } from 'vitest'
import { draftOf, isChanged, valuesOf } from './configuration-draft.ts'

const none = { configuredAt: null, reportedAt: null, deploymentId: null }

it('starts from what is wanted, and where nothing is, from what the device reports', () => {
  expect(draftOf({ ...none, configured: { b: '1', a: '2' }, reported: { c: '3' } })).toEqual([
    { key: 'a', value: '2' },
    { key: 'b', value: '1' },
  ])
  expect(draftOf({ ...none, configured: {}, reported: { c: '3' } })).toEqual([{ key: 'c', value: '3' }])
})

it('is a change when a value, a key or a row differs; a row without a key is none', () => {
  const configuration = { ...none, configured: { a: '1' }, reported: {} }
  expect(isChanged(draftOf(configuration), configuration)).toBe(false)
  expect(
    isChanged(
      [
        { key: 'a', value: '1' },
        { key: ' ', value: 'x' },
      ],
      configuration,
    ),
  ).toBe(false)
  expect(isChanged([{ key: 'a', value: '2' }], configuration)).toBe(true)
  expect(isChanged([], configuration)).toBe(true)
  expect(valuesOf([{ key: ' a ', value: '1' }])).toEqual({ a: '1' })
})
