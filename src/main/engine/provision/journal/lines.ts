import { withoutEscapes } from '../../lib/terminal-text.ts'
import type { JournalSource } from './look.ts'

export interface JournalLine {
  /** By the board's clock; null where the line does not say. */
  at: number | null
  text: string
}

const DAY_MS = 86_400_000
const MAX_LENGTH = 4000

/** `-o short-unix` of journalctl: `1795768152.657688 host unit[56]: text`. */
const OF_JOURNAL = /^(\d{9,11}\.\d{6}) \S+ (.*)$/
/** RFC 3164, as syslog daemons write it: no year, and the board's own time zone. */
const OF_SYSLOG = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) \S+ (.*)$/
/** What rsyslog writes unless it is told to be traditional. */
const WITH_ZONE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) \S+ (.*)$/

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A line of journalctl. The second line of a message has no time of its own. */
export function parseJournalLine(line: string): JournalLine {
  const [, seconds, text = ''] = OF_JOURNAL.exec(line) ?? []
  return seconds === undefined ? { at: null, text: plain(line) } : { at: Math.round(Number(seconds) * 1000), text: plain(text) }
}

/** A line of a log file; null for one that does not speak of Mender. */
export function parseSyslogLine(line: string, clock: Pick<JournalSource, 'nowMs' | 'zoneMs'>): JournalLine | null {
  if (!/mender/i.test(line)) return null
  const [, stamp, said = ''] = WITH_ZONE.exec(line) ?? []
  if (stamp !== undefined && !Number.isNaN(Date.parse(stamp))) return { at: Date.parse(stamp), text: plain(said) }
  const [, month = '', ...rest] = OF_SYSLOG.exec(line) ?? []
  const [day = 0, hour = 0, minute = 0, second = 0] = rest.map(Number)
  if (!MONTHS.includes(month)) return { at: null, text: plain(line) }
  const inYear = (year: number) => Date.UTC(year, MONTHS.indexOf(month), day, hour, minute, second) - clock.zoneMs
  const year = new Date(clock.nowMs + clock.zoneMs).getUTCFullYear()
  // What would be tomorrow or later is of last year.
  return { at: inYear(year) > clock.nowMs + DAY_MS ? inYear(year - 1) : inYear(year), text: plain(rest.at(-1) ?? '') }
}

function plain(text: string): string {
  return withoutEscapes(text)
    .replaceAll(/[\u0000-\u0008\u000A-\u001F\u007F]/g, '')
    .trimEnd()
    .slice(0, MAX_LENGTH)
}
