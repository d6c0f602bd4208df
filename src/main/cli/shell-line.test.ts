import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { shellLine } from '../contract/write-command.ts'

it('a command line that the app shows is split by a shell into the same words, whatever they hold', () => {
  const word = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !/[\0\ud800-\udfff]/.test(text))
  const words = fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { minLength: 20, maxLength: 20 })
  fc.assert(
    fc.property(words, (lines) => {
      const script = lines.map((line) => `printf '%s\\0' ${shellLine(line)}`).join('\n')
      const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' })
      expect(printed.split('\0').slice(0, -1)).toEqual(lines.flat())
    }),
    { numRuns: 10 },
  )
})
