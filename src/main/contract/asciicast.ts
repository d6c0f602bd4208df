import { z } from 'zod'
import { AppError } from './errors.ts'

// asciicast, version 2 (docs.asciinema.org): a line of JSON with the size of the terminal, then a line for each event.

const header = z.object({ version: z.literal(2), width: z.number().int().positive(), height: z.number().int().positive() })
const event = z.tuple([z.number().nonnegative(), z.enum(['o', 'r']), z.string()])

export interface CastEvent {
  /** Since its start. */
  atMs: number
  /** What was shown, or the new size. */
  kind: 'output' | 'resize'
  text: string
}

export interface Cast {
  columns: number
  rows: number
  events: CastEvent[]
}

/** The first line of a file. */
export function castHeader({
  columns,
  rows,
  startedAt,
  title,
}: {
  columns: number
  rows: number
  startedAt: number
  title: string
}): string {
  const line = { version: 2, width: columns, height: rows, timestamp: Math.floor(startedAt / 1000), title, env: { TERM: 'xterm-256color' } }
  return `${JSON.stringify(line)}\n`
}

/** The line of an event. */
export function castLine({ atMs, kind, text }: CastEvent): string {
  return `${JSON.stringify([atMs / 1000, kind === 'output' ? 'o' : 'r', text])}\n`
}

/** Reads a file; a last line that was cut off is left out. BAD_INPUT for anything else. */
export function readCast(text: string): Cast {
  const lines = text.split('\n')
  const [first, ...rest] = lines.slice(0, -1).map(parse)
  const head = header.safeParse(first).data
  if (!head) throw new AppError('BAD_INPUT', 'This is no asciicast of version 2', 'Play one that this bench has recorded.')
  const events = rest.map((line): CastEvent => {
    const [seconds, kind, data] = event.parse(line)
    return { atMs: Math.round(seconds * 1000), kind: kind === 'o' ? 'output' : 'resize', text: data }
  })
  return { columns: head.width, rows: head.height, events }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', 'A line of the recording is not JSON', 'It was changed by something else.', thrown)
  }
}

/** How long nothing may happen when it is played: pauses are shortened to this. */
const LONGEST_PAUSE_MS = 2000

/** The events with their pauses shortened, which nobody wants to sit through. */
export function shortened(events: readonly CastEvent[]): CastEvent[] {
  let last = 0
  let at = 0
  return events.map((each) => {
    at += Math.min(each.atMs - last, LONGEST_PAUSE_MS)
    last = each.atMs
    return { ...each, atMs: at }
  })
}
