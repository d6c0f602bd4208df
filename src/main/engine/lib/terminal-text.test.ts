import { expect, it } from 'vitest'
import { withoutEscapes } from './terminal-text.ts'

it.each([
  ['\u001B[1;31mred\u001B[0m', 'red'],
  ['\u001B[6nasked', 'asked'],
  ['\u001B[?25lhidden\u001B[2 q', 'hidden'],
  ['\u001B]0;pi@board: ~\u0007$ ', '$ '],
  ['\u001B]2;pi@board\u001B\\$ ', '$ '],
  ['\u001B(B\u001B)0line', 'line'],
  ['\u001B=\u001B>\u001B7\u001B8keys', 'keys'],
  ['\u001BMup\u001BDdown\u001BHstop', 'updownstop'],
  ['\u001B]0;a title that has not ended', '\u001B]0;a title that has not ended'],
  ['a[0m] stays', 'a[0m] stays'],
])('%j is read as %j', (said, read) => expect(withoutEscapes(said)).toBe(read))
