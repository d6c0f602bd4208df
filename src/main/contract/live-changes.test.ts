import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Change, changed, changeOf, hearChanges, isIterable, keepSame, tellChanges } from './live-changes.ts'

/** As it arrives on the other side. */
const sent = (change: Change): Change => copy(change)
function copy<T>(of: T): T {
  return JSON.parse(JSON.stringify(of))
}

const item = fc.record({ id: fc.integer({ min: 0, max: 9 }), name: fc.string(), tail: fc.array(fc.string()) }, { requiredKeys: ['id'] })
const value = fc
  .oneof(fc.jsonValue(), fc.array(item), fc.record({ devices: fc.array(item), note: fc.string() }))
  // JSON has no -0.
  .map((each): unknown => JSON.parse(JSON.stringify(each)))

describe('a change of a live value', () => {
  it('makes the next value out of the one before, whatever they are', () => {
    fc.assert(
      fc.property(value, value, (before, after) => {
        const change = changeOf(before, after)
        expect(change === null ? before : changed(before, sent(change))).toEqual(after)
      }),
      { examples: [[{ toString: null }, {}]] },
    )
  })

  it('is none where a value says the same again', () => {
    fc.assert(
      fc.property(value, (same) => {
        expect(changeOf(same, copy(same))).toBeNull()
      }),
    )
  })

  it('is as small as what has changed, and leaves all else the object that it was', () => {
    const before = [
      { id: 'a', slots: ['A', 'B'], progress: { doneBytes: 1, totalBytes: 9 } },
      { id: 'b', slots: ['A', 'B'], progress: null },
    ]
    const [a, b] = copy(before)
    const change = changeOf(before, [{ ...a, progress: { doneBytes: 2, totalBytes: 9 } }, b])
    expect(change).toEqual({ at: [[0, { in: { progress: { in: { doneBytes: { to: 2 } } } } }]] })
    const after = change && changed(before, change)
    expect(after).toMatchObject([{ id: 'a', progress: { doneBytes: 2, totalBytes: 9 } }, { id: 'b' }])
    expect(Array.isArray(after) && after[1]).toBe(before[1])
    expect(Array.isArray(after) && after[0].slots).toBe(before[0]?.slots)
  })

  it('knows items of a list again wherever they have moved', () => {
    const before = [{ id: 1 }, { id: 2 }]
    const change = changeOf(before, [{ id: 3 }, { id: 1 }, { id: 2 }])
    expect(change).toEqual({ from: [-1, 0, 1], at: [[0, { to: { id: 3 } }]] })
  })

  it('leaves what is as it was the object that it was, also where nothing travelled', () => {
    const before = [
      { id: 'a', tail: ['one'] },
      { id: 'b', tail: ['two'] },
    ]
    expect(keepSame(before, copy(before))).toBe(before)
    const after = keepSame(before, [
      { id: 'b', tail: ['two'] },
      { id: 'a', tail: ['one', 'more'] },
    ])
    expect(after).toEqual([
      { id: 'b', tail: ['two'] },
      { id: 'a', tail: ['one', 'more'] },
    ])
    expect(after[0]).toBe(before[1])
    expect(keepSame({ a: { b: 1 }, c: 2 }, { a: null })).toEqual({ a: null })
    expect(keepSame(null, { a: 1 })).toEqual({ a: 1 })
  })

  it('takes the names of members as they are', () => {
    const hostile: unknown = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": 1}')
    const change = changeOf({}, hostile)
    expect(JSON.stringify(change && changed({}, sent(change)))).toBe(JSON.stringify(hostile))
  })

  it('is refused by a value that it does not fit', () => {
    expect(() => changed(null, { in: { name: { to: 'a' } } })).toThrow('is not there')
    expect(() => changed({}, { at: [] })).toThrow('is not there')
  })
})

describe('an operation that is called', () => {
  async function* values(): AsyncGenerator<unknown, void, void> {
    yield { count: 1, names: ['a'] }
    yield { count: 1, names: ['a'] }
    yield { count: 2, names: ['a'] }
  }
  const told = async (meta: { isRead?: boolean }, answer: unknown) =>
    tellChanges({ next: async () => answer, procedure: { '~orpc': { meta } } })
  async function all(answer: unknown): Promise<unknown[]> {
    const found: unknown[] = []
    if (isIterable(answer)) for await (const each of answer) found.push(each)
    return found
  }

  it('tells a live value once, then what changes of it, and is heard as the values again', async () => {
    expect(await all(await told({ isRead: true }, values()))).toEqual([
      { '~change': { to: { count: 1, names: ['a'] } } },
      { '~change': { in: { count: { to: 2 } } } },
    ])
    const heard = await all(await hearChanges({ next: () => told({ isRead: true }, values()) }))
    expect(heard).toEqual([
      { count: 1, names: ['a'] },
      { count: 2, names: ['a'] },
    ])
  })

  it('tells what a terminal prints, and what is answered once, as it is', async () => {
    expect(await all(await told({}, values()))).toHaveLength(3)
    expect(await told({ isRead: true }, { id: 'a' })).toEqual({ id: 'a' })
    expect(await hearChanges({ next: async () => ['a'] })).toEqual(['a'])
  })
})
