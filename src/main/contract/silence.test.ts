import { expect, it } from 'vitest'
import { toAppError } from './errors.ts'
import { parseSilenceRule, silenceRuleSource, silenceRuleText } from './silence.ts'

it.each([
  ['3', 'after 3 missed polls'],
  ['1', 'after 1 missed poll'],
  ['90s', 'after 90 s without a word'],
  ['30m', 'after 30 min without a word'],
  ['2h', 'after 2 h without a word'],
  ['7d', 'after 7 d without a word'],
])('%s says %s, and is written so again', (text, words) => {
  const rule = parseSilenceRule(text)
  expect([silenceRuleText(rule), silenceRuleSource(rule)]).toEqual([words, text])
})

it.each(['', '0', 'soon', '5s', '91d', '-1', '3 polls'])('"%s" is no rule', (text) => {
  expect(() => parseSilenceRule(text)).toThrow('is not when a device counts as silent')
  try {
    parseSilenceRule(text)
  } catch (thrown) {
    expect(toAppError(thrown).code).toBe('BAD_INPUT')
  }
})
