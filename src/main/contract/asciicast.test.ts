import fc from 'fast-check'
import { expect, it } from 'vitest'
import { castHeader, castLine, readCast, shortened } from './asciicast.ts'

const head = castHeader({ columns: 80, rows: 24, startedAt: 5000, title: 'desk' })

it('a recording is read back as it was written, whatever was shown', () => {
  const events = fc.array(
    fc.record({ atMs: fc.nat(1e8), kind: fc.constantFrom('output' as const, 'resize' as const), text: fc.string({ unit: 'grapheme' }) }),
  )
  fc.assert(
    fc.property(events, (given) => {
      expect(readCast(head + given.map(castLine).join(''))).toEqual({ columns: 80, rows: 24, events: given })
    }),
  )
})

it('a line that was cut off is left out, and what is no recording is refused', () => {
  expect(readCast(`${head}[1.5,"o","a"]\n[2,"o","cut`).events).toEqual([{ atMs: 1500, kind: 'output', text: 'a' }])
  for (const text of ['', 'hello\n', '{"version":1,"width":80,"height":24}\n']) expect(() => readCast(text)).toThrow(/asciicast|JSON/)
})

it('pauses are shortened for whoever watches', () => {
  const at = (atMs: number) => ({ atMs, kind: 'output' as const, text: '' })
  expect(shortened([at(100), at(60_100), at(60_200)]).map(({ atMs }) => atMs)).toEqual([100, 2100, 2200])
})
