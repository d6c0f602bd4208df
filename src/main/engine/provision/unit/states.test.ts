import { describe, expect, it } from 'vitest'
import { UNIT_STATES, numberAfter, undoOf } from './states.ts'

const made = { hasServer: true, hasLabel: true }

describe('a unit that stops', () => {
  it('leaves more behind the further it has come, and never less', () => {
    const left = UNIT_STATES.map((state) => undoOf(state, 'S', made))
    expect(left.map(({ withdraws, notUndone }) => [withdraws, notUndone.length])).toEqual([
      [false, 0],
      [false, 0],
      [true, 0],
      [true, 0],
      [true, 1],
      [true, 2],
    ])
  })

  it('has nothing to take back of what it is made without', () => {
    const without = { hasServer: false, hasLabel: false }
    expect(undoOf('labelling', 'S', without)).toEqual({ withdraws: false, notUndone: [] })
    expect(undoOf('sealing', 'S', without).notUndone).toEqual(['The card may be whole and say S: write it again'])
  })

  it('gives its number again only when the rule says so and nothing bears it', () => {
    expect(numberAfter('give-again', { notUndone: [], isTaken: false })).toBe('free')
    expect(numberAfter('give-again', { notUndone: ['a label'], isTaken: false })).toBe('void')
    expect(numberAfter('give-again', { notUndone: [], isTaken: true })).toBe('void')
    expect(numberAfter('void', { notUndone: [], isTaken: false })).toBe('void')
  })
})
