import { assert, dictionary, jsonValue, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deviceName, normaliseIdentity, parseIdData } from './identity.ts'

describe('an identity', () => {
  it('is the same device with its keys in another order', () => {
    expect(parseIdData('{"mac":"1","serial":"2"}')).toEqual(parseIdData(' { "serial" : "2", "mac" : "1" }'))
    expect(parseIdData('{"mac":"1","serial":"2"}').hash).not.toBe(parseIdData('{"mac":"2","serial":"1"}').hash)
  })

  it('takes numbers and lists as text', () => {
    expect(parseIdData('{"mac":["a","b"],"cpu":4,"x":{"y":null}}').identity).toEqual({ cpu: '4', mac: ['a', 'b'], x: '{"y":null}' })
  })

  it.each([
    ['', 'not JSON'],
    ['[]', 'not a JSON object'],
    ['"mac"', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{}', 'empty'],
  ])('%j is refused in words', (text, why) => {
    expect(() => parseIdData(text)).toThrow(why)
  })

  it('normalises to itself, whatever it is', () => {
    assert(
      property(dictionary(string(), jsonValue(), { minKeys: 1 }), (value) => {
        const once = normaliseIdentity(value)
        expect(normaliseIdentity(once.identity)).toEqual(once)
      }),
    )
  })
})

it('names a device by its nickname, else by the first value of its identity', () => {
  const device = { id: 'd1', nickname: '', identity: { mac: ['a', 'b'], serial: '2' } }
  expect(deviceName({ ...device, nickname: 'left one' })).toBe('left one')
  expect(deviceName(device)).toBe('a, b')
  expect(deviceName({ ...device, identity: {} })).toBe('d1')
})

it('names a device by what can be seen: nothing hides a name or turns it around', () => {
  const named = (mac: string) => deviceName({ id: 'd1', nickname: '', identity: { mac } })
  expect(named('\u0000\u0007')).toBe('d1')
  expect(named('a\r\nb')).toBe('a b')
  expect(named('board \u202Eevil')).toBe('board  evil')
  expect(named('👩\u200D🔧')).toBe('👩\u200D🔧')
})
