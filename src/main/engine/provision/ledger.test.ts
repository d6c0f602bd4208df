import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Ledger, type SeriesRule } from './ledger.ts'

const rule: SeriesRule = { series: 'lab', pattern: 'SN-{000}-x', from: 7, whenFailed: 'void' }

describe('the numbers of a series', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-ledger-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const open = () => Ledger.open(join(folder, 'ledger.db'), () => 5)

  it('are given once: what failed is void, or given again when the rule says so', () => {
    using ledger = open()
    const [first, second, third] = [ledger.hold(rule, 'a'), ledger.hold(rule, 'b'), ledger.hold(rule, 'c')]
    expect([first.value, second.value, third.value]).toEqual(['SN-007-x', 'SN-008-x', 'SN-009-x'])
    ledger.end(first, 'given')
    ledger.end(second, 'void')
    ledger.end(third, 'free')
    expect(ledger.hold(rule, 'd').value).toBe('SN-009-x')
    expect(ledger.hold(rule, 'e').value).toBe('SN-010-x')
    expect(ledger.hold({ ...rule, series: 'other' }, 'f').value).toBe('SN-007-x')
    expect([ledger.given('lab', 'SN-007-x')?.board, ledger.given('lab', 'SN-008-x')]).toEqual(['a', null])
    expect(() => ledger.hold({ ...rule, to: 10 }, 'g')).toThrow(/series lab is used up/)
  })

  it('are given once by several processes at a time', async () => {
    open()[Symbol.dispose]()
    const program = `import { Ledger } from ${JSON.stringify(join(import.meta.dirname, 'ledger.ts'))}
using ledger = Ledger.open(${JSON.stringify(join(folder, 'ledger.db'))}, Date.now)
for (let at = 0; at < 50; at++) console.log(ledger.hold(${JSON.stringify(rule)}, '').number)`
    const run = () => promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', program])
    const outputs = await Promise.all([run(), run(), run()])
    const numbers = outputs.flatMap(({ stdout }) => stdout.trim().split('\n').map(Number))
    expect(new Set(numbers).size).toBe(150)
    expect(Math.max(...numbers)).toBe(156)
  })
})
