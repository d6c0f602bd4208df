import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { goJson } from './go-json.ts'
import { bytesOf } from './samples.cases.ts'
import { parseStrictJson } from './strict-json.ts'

describe("JSON as Mender's tool writes it", () => {
  it('means the same as what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // JSON.stringify knows no negative zero.
        expect(JSON.parse(JSON.stringify(JSON.parse(goJson(value))))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('sorts keys by their bytes, escapes what HTML could take amiss, and goes through float64', () => {
    const value: unknown = JSON.parse(
      '{"b":1.50,"a":12345678901234567890,"10":"<&>\u2028","9":"\\b\\f\\n\\\\b","é":1e-7,"\ud83d\ude00":1,"\uffff":2}',
    )
    expect(goJson(value)).toBe(
      '{"10":"\\u003c\\u0026\\u003e\\u2028","9":"\\u0008\\u000c\\n\\\\b","a":12345678901234567000,"b":1.5,"é":1e-7,"\uffff":2,"😀":1}',
    )
  })
})

describe('strict JSON', () => {
  const read = (text: string) => parseStrictJson(bytesOf(text), z.unknown(), 'test')

  it('takes whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value, null, 1)
        fc.pre(!text.includes('"__proto__"'))
        expect(read(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it.each([
    ['a key twice', '{"a":1,"a":2}'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a key twice deep inside', '[{"x":{"a":[],"b":{},"a":1}}]'],
    ['the key that JavaScript gives a meaning of its own', '{"__proto__":1}'],
    ['something after the value', '{} {}'],
    ['a byte order mark', '\ufeff{}'],
    ['nothing', ''],
    ['levels without end', `${'['.repeat(70)}${']'.repeat(70)}`],
  ])('refuses %s', (_, text) => {
    expect(() => read(text)).toThrow(/^test: /)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22), z.unknown(), 'test')).toThrow(/^test: not JSON/)
  })

  it('allows a key again in another object', () => {
    expect(read('[{"a":{"a":"a"}},{"a":1}]')).toEqual([{ a: { a: 'a' } }, { a: 1 }])
  })
})
