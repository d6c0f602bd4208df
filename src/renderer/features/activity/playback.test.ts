import { castHeader, castLine } from '@contract/asciicast.ts'
import { expect, test } from 'vitest'
import { Playback } from './playback.ts'

const cast =
  castHeader({ columns: 80, rows: 24, startedAt: 0, title: 'desk' }) +
  castLine({ atMs: 100, kind: 'output', text: 'a' }) +
  castLine({ atMs: 200, kind: 'resize', text: '100x40' }) +
  castLine({ atMs: 90_000, kind: 'output', text: 'b' })

function played() {
  const seen: string[] = []
  const playback = new Playback(cast, {
    write: (text) => seen.push(text),
    resize: (columns, rows) => seen.push(`${columns}x${rows}`),
    reset: () => seen.push('reset'),
  })
  return { seen, playback }
}

test('a recording is shown as time goes on, with its long pauses shortened', () => {
  const { seen, playback } = played()
  playback.show(50)
  expect(seen).toEqual([])
  playback.show(250)
  expect(seen).toEqual(['a', '100x40'])
  expect(playback.endMs).toBe(2200)
  playback.show(playback.endMs)
  expect(seen).toEqual(['a', '100x40', 'b'])
})

test('going back shows that moment from the beginning', () => {
  const { seen, playback } = played()
  playback.show(playback.endMs)
  seen.length = 0
  playback.show(150)
  expect(seen).toEqual(['reset', '80x24', 'a'])
})
