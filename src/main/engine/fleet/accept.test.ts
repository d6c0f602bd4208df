import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AcceptMode, acceptModeText, parseAcceptMode } from '../../contract/accept-mode.ts'
import { AppError } from '../../contract/errors.ts'
import { isWelcome } from './accept.ts'

const NOW = 1_000_000
const knock = {
  identity: { mac: '02:AB:00:00:00:01', ips: ['10.0.0.1', '10.0.0.2'] },
  isFrom: (subnet: string) => subnet === '10.0.0.0/8',
  now: NOW,
}
const identity = (pattern: string, name = 'mac'): AcceptMode => ({ kind: 'identity', name, pattern })

describe('a device that knocks', () => {
  it.each<[AcceptMode, boolean]>([
    ['none', false],
    ['all', true],
    [{ kind: 'until', until: NOW + 1 }, true],
    [{ kind: 'until', until: NOW }, false],
    [{ kind: 'subnet', subnet: '10.0.0.0/8' }, true],
    [{ kind: 'subnet', subnet: '192.168.0.0/16' }, false],
    [identity('02:ab:00:00:00:01'), true],
    [identity('02:ab:*'), true],
    [identity('*:01'), true],
    [identity('02*00*01'), true],
    [identity('*'), true],
    [identity('02*00*02'), false],
    [identity('02:ab'), false],
    [identity('02:ab:00:00:00:01*01'), false],
    [identity('*', 'serial'), false],
    [identity('10.0.0.2', 'ips'), true],
  ])('with %j is welcome: %s', (mode, welcome) => {
    expect(isWelcome(mode, knock)).toBe(welcome)
  })

  it('fits a pattern as a regular expression would have it', () => {
    const text = fc.stringMatching(/^[ab]{0,8}$/)
    fc.assert(
      fc.property(fc.stringMatching(/^[ab*]{1,8}$/), text, (pattern, mac) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(mac)
        expect(isWelcome(identity(pattern), { ...knock, identity: { mac } })).toBe(expected)
      }),
    )
  })
})

describe('an accept mode in writing', () => {
  it.each<[string, AcceptMode, string]>([
    ['none', 'none', 'new devices wait to be accepted'],
    ['all', 'all', 'every device is accepted'],
    ['15m', { kind: 'until', until: NOW + 900_000 }, 'every device is accepted for 15 min'],
    ['192.168.7.0/24', { kind: 'subnet', subnet: '192.168.7.0/24' }, 'devices from 192.168.7.0/24 are accepted'],
    ['fd00::/8', { kind: 'subnet', subnet: 'fd00::/8' }, 'devices from fd00::/8 are accepted'],
    ['mac=02:*', { kind: 'identity', name: 'mac', pattern: '02:*' }, 'devices with mac=02:* are accepted'],
  ])('%s', (text, mode, words) => {
    expect(parseAcceptMode(text, NOW)).toEqual(mode)
    expect(acceptModeText(mode, NOW)).toBe(words)
  })

  it('is one or refused, whatever is written', () => {
    for (const text of ['', 'some', '300.0.0.0/8', '10.0.0.0/33', '=x', 'mac=', '15'])
      expect(() => parseAcceptMode(text, NOW)).toThrow(AppError)
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseAcceptMode(text, NOW)
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'BAD_INPUT' })
        }
      }),
    )
  })

  it('says nothing of a time that is over', () => {
    expect(acceptModeText({ kind: 'until', until: NOW }, NOW)).toBe('new devices wait to be accepted')
  })
})
