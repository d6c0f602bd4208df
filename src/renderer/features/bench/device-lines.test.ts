import type { ConsoleEvent } from '@contract/consoles.ts'
import { expect, test } from 'vitest'
import { AT_END, type DeviceLine, KEPT_LINES, linesWith, scrolledTo, textOf, withEvent } from './device-lines.ts'

const output = (text: string, at: number): ConsoleEvent => ({
  kind: 'output',
  data: btoa(String.fromCharCode(...new TextEncoder().encode(text))),
  at,
})
const NONE: readonly DeviceLine[] = []
const after = (...events: ConsoleEvent[]): readonly DeviceLine[] => events.reduce(withEvent, NONE)

test('what is printed becomes lines with their times and levels, without colours; what was skipped is said', () => {
  const lines = after(
    output('time="x" level=error msg="no für"\r\nlevel=warning msg=b\r\n', 1000),
    { kind: 'skipped', bytes: 12 },
    output('\u001B[36mstarted\u001B[0m\nseverity=info\n', 2000),
  )
  expect(lines.map(({ key, at, text, level }) => [key, at, level, text])).toEqual([
    [1, 1000, 'error', 'time="x" level=error msg="no für"'],
    [2, 1000, 'warning', 'level=warning msg=b'],
    [3, 1000, 'other', '[12 bytes came too fast to show; they are in the log file]'],
    [4, 2000, 'other', 'started'],
    [5, 2000, 'other', 'severity=info'],
  ])
  expect(linesWith(lines, ' START ').map(({ key }) => key)).toEqual([4])
  expect(linesWith(lines, ' ')).toBe(lines)
  expect(textOf(lines.slice(3))).toBe('1970-01-01T00:00:02.000Z started\n1970-01-01T00:00:02.000Z severity=info\n')
})

test('the oldest lines go when there are too many, and the others keep their keys', () => {
  const lines = after(output('first\n', 1), output('x\n'.repeat(KEPT_LINES), 2), output('last\n', 3))
  expect([lines.length, lines[0]?.key, lines.at(-1)?.key, lines.at(-1)?.text]).toEqual([KEPT_LINES, 3, KEPT_LINES + 2, 'last'])
})

test('the end is followed until somebody scrolls up, however many lines come below meanwhile, and again from the end on', () => {
  const overtaken = scrolledTo({ topPx: 300, isEnd: false }, scrolledTo({ topPx: 100, isEnd: true }, AT_END))
  expect(overtaken.isFollowed).toBe(true)
  const left = scrolledTo({ topPx: 280, isEnd: false }, overtaken)
  expect(left.isFollowed).toBe(false)
  const comingBack = scrolledTo({ topPx: 400, isEnd: false }, left)
  expect(comingBack.isFollowed).toBe(false)
  expect(scrolledTo({ topPx: 500, isEnd: true }, comingBack).isFollowed).toBe(true)
})
