import { expect, test } from 'vitest'
import { previewCounts } from './preview-words.ts'

test('who takes it is counted first, then who has it, then who refuses it for whatever reason', () => {
  const one = { deviceNames: [], why: '' }
  expect(
    previewCounts([
      { ...one, kind: 'refuses', why: 'type', deviceCount: 1 },
      { ...one, kind: 'refuses', why: 'depends', deviceCount: 1 },
      { ...one, kind: 'has', deviceCount: 1 },
      { ...one, kind: 'takes', deviceCount: 998 },
    ]),
  ).toBe('998 take it, 1 has it already, 2 will refuse it')
  expect(previewCounts([])).toBe('No device fits yet')
})
