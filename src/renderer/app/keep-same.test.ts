import { expect, test } from 'vitest'
import { keepSame } from './keep-same.ts'

test('a list that says the same as before is the very same list', () => {
  const before = [{ id: 'a', card: { state: 'offline' } }]
  expect(keepSame(before, structuredClone(before))).toBe(before)
})

test('only the device that changed is a new object, wherever it moved in the list', () => {
  const before = [
    { id: 'a', tail: ['one'] },
    { id: 'b', tail: ['two'] },
  ]
  const after = keepSame(before, [
    { id: 'b', tail: ['two'] },
    { id: 'a', tail: ['one', 'more'] },
  ])
  expect(after).toEqual([
    { id: 'b', tail: ['two'] },
    { id: 'a', tail: ['one', 'more'] },
  ])
  expect(after[0]).toBe(before[1])
  expect(after[1]).not.toBe(before[0])
})

test('a key that disappeared makes a new object, and null is not an object', () => {
  expect(keepSame({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 })
  expect(keepSame({ a: { b: 1 } }, { a: null })).toEqual({ a: null })
  expect(keepSame(null, { a: 1 })).toEqual({ a: 1 })
})
