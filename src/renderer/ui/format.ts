import { t } from '@lingui/core/macro'
import { i18n } from '@texts/i18n.ts'

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes in decimal units with three figures: 999 B, 1.32 MB, 48.0 MB, 130 MB. */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  // 999.5 would be shown as 1000
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit += 1
  }
  if (unit === 0) return `${Math.round(value)} B`
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${UNITS[unit] ?? ''}`
}

/** Whole percent; 100 only when all is there. */
export function percent(done: number, total: number): number {
  if (total <= 0) return 0
  return done >= total ? 100 : Math.min(99, Math.floor((done / total) * 100))
}

/** A span as m:ss, or h:mm:ss from an hour on. Negative spans are shown as zero. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`
}

const LENGTHS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
]

/** How long something takes, in the unit that fits, with two figures at least: 250 ms, 2.5 s, 45 s, 1.5 min, 12 h. */
export function interval(ms: number): string {
  const [length, unit] = LENGTHS.find(([each]) => ms >= each) ?? [1, 'ms']
  const count = ms / length
  return `${count < 10 ? Math.round(count * 10) / 10 : Math.round(count)} ${unit}`
}

/** The time of day, to the second. */
export function clock(at: number): string {
  const date = new Date(at)
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
}

/** The time of day, to the millisecond. */
export function preciseClock(at: number): string {
  return `${clock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`
}

/** Date and time to the minute; the time alone for today. */
export function moment(at: number, now: number): string {
  const date = new Date(at)
  const time = clock(at).slice(0, 5)
  if (date.toDateString() === new Date(now).toDateString()) return time
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${time}`
}

const WEEK_MS = 7 * 86_400_000

/** How long ago, or in how long; the date where that is more than a week. */
export function ago(at: number, now: number): string {
  const ms = Math.abs(now - at)
  if (ms < 10_000) return t`now`
  if (ms > WEEK_MS) return moment(at, now)
  const [length, unit] = LENGTHS.find(([each]) => ms >= each) ?? [1000, 's']
  const time = `${Math.floor(ms / length)} ${unit}`
  return at < now ? t`${time} ago` : t`in ${time}`
}

/** Date and time to the second. */
export const exactly = (at: number): string => new Date(at).toLocaleString('sv')

/** Date and time as a plot has them that spans so long: to the second where minutes say too little. */
export function plotTime(at: number, spanMs: number, now: number): string {
  return spanMs < 600_000 ? clock(at) : moment(at, now)
}

/** Whole days from now until then, rounded down. */
export function daysUntil(at: number, now: number): number {
  return Math.floor((at - now) / 86_400_000)
}

/** The first characters of a checksum or fingerprint, enough to tell two apart by eye. */
export function short(hex: string): string {
  return hex.length > 12 ? `${hex.slice(0, 12)}…` : hex
}

/** Some of more, which are counted. */
export function andMore(shown: string, more: number): string {
  return more > 0 ? t`${shown} and ${more} more` : shown
}

/** A count, its thousands set apart. */
export function number(count: number): string {
  return count.toLocaleString(i18n.locale)
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
