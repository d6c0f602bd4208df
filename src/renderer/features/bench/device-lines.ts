import { t } from '@lingui/core/macro'
import type { ConsoleEvent } from '@contract/consoles.ts'
import { fromBase64 } from '../../app/base64.ts'

/** A line of a device's log. */
export interface DeviceLine {
  key: number
  at: number
  text: string
  level: 'error' | 'warning' | 'other'
}

/** So many lines are kept in the window; the log file keeps more. */
export const KEPT_LINES = 5000

/** Of what the engine itself says in between. */
const COLOURS = /\u001B\[[\d;]*m/g
const LEVEL = /\b(?:level|severity)=(\w+)/
const LEVELS: Readonly<Record<string, DeviceLine['level']>> = {
  fatal: 'error',
  error: 'error',
  critical: 'error',
  warning: 'warning',
  warn: 'warning',
}

/** The lines with what has come behind them; the oldest ones go. */
export function withEvent(lines: readonly DeviceLine[], event: ConsoleEvent): readonly DeviceLine[] {
  const { texts, at } = textsOf(event, lines.at(-1)?.at ?? 0)
  const first = (lines.at(-1)?.key ?? 0) + 1
  const more = texts.map((text, index): DeviceLine => ({
    key: first + index,
    at,
    text,
    level: LEVELS[LEVEL.exec(text)?.[1] ?? ''] ?? 'other',
  }))
  return [...lines, ...more].slice(-KEPT_LINES)
}

function textsOf(event: ConsoleEvent, lastAt: number): { texts: string[]; at: number } {
  if (event.kind === 'skipped') return { texts: [t`[${event.bytes} bytes came too fast to show; they are in the log file]`], at: lastAt }
  const text = new TextDecoder().decode(fromBase64(event.data))
  return {
    texts: text
      .replaceAll(COLOURS, '')
      .split(/\r?\n/)
      .filter((line) => line !== ''),
    at: event.at,
  }
}

/** Those that hold a text, whatever the case of its letters. */
export function linesWith(lines: readonly DeviceLine[], text: string): readonly DeviceLine[] {
  const wanted = text.trim().toLowerCase()
  return wanted === '' ? lines : lines.filter((line) => line.text.toLowerCase().includes(wanted))
}

/** As a file holds them. */
export function textOf(lines: readonly DeviceLine[]): string {
  return lines.map(({ at, text }) => `${new Date(at).toISOString()} ${text}\n`).join('')
}

/** How far a log is scrolled, and whether its end is followed. */
export interface Scrolled {
  topPx: number
  isFollowed: boolean
}

export const AT_END: Scrolled = { topPx: 0, isFollowed: true }

/** It is scrolling up that leaves the end: lines that have come below before the page hears of its own scrolling do not. */
export function scrolledTo({ topPx, isEnd }: { topPx: number; isEnd: boolean }, before: Scrolled): Scrolled {
  return { topPx, isFollowed: isEnd || (before.isFollowed && topPx >= before.topPx) }
}
