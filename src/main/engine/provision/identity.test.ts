import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAC_SCRIPT, identityScript, parseIdentity, readOnBoard } from './identity.ts'

const run = (script: string) => parseIdentity(execFileSync('sh', ['-c', script], { encoding: 'utf8' }))

describe('an identity script', () => {
  it('says texts, numbers and what commands print, as they are', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/)
    const line = fc.string({ minLength: 1, maxLength: 40 }).filter((text) => /^[^\r\n\0]+$/.test(text) && text === text.trim())
    fc.assert(
      fc.property(fc.dictionary(word, line, { minKeys: 1, maxKeys: 4 }), (identity) => {
        expect(run(identityScript(identity, {}))).toEqual(identity)
      }),
      { numRuns: 30 },
    )
    const sources = {
      serial: { series: 'a', pattern: '{0}', from: 1, whenFailed: 'void' as const },
      two: { command: 'echo one\n# $(no)\necho two >&2' },
    }
    expect(run(identityScript(sources, { serial: "it's 1" }))).toEqual({ serial: "it's 1", two: 'one' })
    expect(readOnBoard({ ...sources, three: 'x', mac: { interface: 'auto' } })).toEqual(['two', 'mac'])
  })

  it('reads MACs as they are now', () => {
    const macs = readdirSync('/sys/class/net').map((name) => readFileSync(`/sys/class/net/${name}/address`, 'utf8').trim())
    expect(run(identityScript({ mac: { interface: 'lo' } }, {}))).toEqual({ mac: '00:00:00:00:00:00' })
    const first = execFileSync('sh', ['-c', MAC_SCRIPT], { encoding: 'utf8' }).trim()
    expect(['', ...macs.filter((mac) => mac !== '00:00:00:00:00:00')]).toContain(first)
    expect(run(identityScript({ mac: { interface: 'auto' } }, {}))).toEqual({ mac: first })
  })
})
