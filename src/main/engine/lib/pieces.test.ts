import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Pieces } from './pieces.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('gives what one has left to the next, and never the same to two', () => {
  const pieces = new Pieces(8)
  const one = pieces.take()
  const two = pieces.take()
  expect(one.piece).not.toBe(two.piece)
  one[Symbol.dispose]()
  expect(pieces.take().piece).toBe(one.piece)
  expect(pieces.take().piece).not.toBe(one.piece)
})

it('keeps nothing that nobody takes any longer', () => {
  const pieces = new Pieces(8)
  const { piece, ...left } = pieces.take()
  left[Symbol.dispose]()
  vi.advanceTimersByTime(10_000)
  expect(pieces.take().piece).not.toBe(piece)
})
