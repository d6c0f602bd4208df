import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Recent } from './recent.ts'

it('knows what was used last, and forgets what was not', () => {
  const recent = new Recent<number, string>(3)
  for (const key of [1, 2, 3, 4, 5]) recent.set(key, `value of ${key}`)
  expect([3, 4, 5].map((key) => recent.get(key))).toEqual(['value of 3', 'value of 4', 'value of 5'])
  for (const key of [6, 7, 8, 9, 10, 11]) recent.set(key, 'new')
  expect(recent.get(5)).toBeUndefined()
})

it('never tells another value than the last one that was put in, and always the last ones', () => {
  expect.hasAssertions()
  const size = 4
  const step = fc.record({ key: fc.integer({ min: 0, max: 12 }), act: fc.constantFrom('set', 'get', 'delete') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const recent = new Recent<number, number>(size)
      const truth = new Map<number, number>()
      steps.forEach(({ key, act }, index) => {
        const known = truth.get(key)
        const isAmongLast = [...truth.keys()].slice(-size).includes(key)
        if (act === 'get') expect(isAmongLast ? [known] : [known, undefined]).toContain(recent.get(key))
        if (act === 'delete') recent.delete(key)
        if (act === 'set') recent.set(key, index)
        truth.delete(key)
        if (act === 'set') truth.set(key, index)
        else if (act === 'get' && known !== undefined && recent.get(key) !== undefined) truth.set(key, known)
      })
    }),
  )
})
