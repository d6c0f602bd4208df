import { expect, test } from 'vitest'
import { type Corner, EMPTY_CORNER, look } from './corner.ts'

const names = (count: number): string[] => Array.from({ length: count }, (_each, index) => `${index}`)
const after = (...looks: string[][]): Corner => looks.reduce((corner, ids) => look(ids, corner), EMPTY_CORNER)

test('who came before the first look is not told of, who comes later is, and who is gone no more', () => {
  expect(after(['a', 'b'])).toMatchObject({ open: [], isTogether: false })
  expect(after(['a'], ['a', 'b'], ['c', 'b', 'a'])).toMatchObject({ open: ['b', 'c'], isTogether: false })
  expect(after(['a'], ['a', 'b'], ['a'], ['a', 'b'])).toMatchObject({ open: ['b'], isTogether: false })
})

test('more than three are told of together, also when they come one after the other, until nobody is left', () => {
  expect(after([], names(3))).toMatchObject({ open: names(3), isTogether: false })
  expect(after([], names(1000))).toMatchObject({ open: names(1000), isTogether: true })
  expect(after(...names(5).map((_each, index) => names(index)))).toMatchObject({ open: names(4), isTogether: true })
  expect(after([], names(4), names(1))).toMatchObject({ open: names(1), isTogether: true })
  expect(after([], names(4), [], names(1))).toMatchObject({ open: names(1), isTogether: false })
})
