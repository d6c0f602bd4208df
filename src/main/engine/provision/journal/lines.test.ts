import { describe, expect, it } from 'vitest'
import { FollowedLines } from './followed-lines.ts'
import { parseJournalLine, parseSyslogLine } from './lines.ts'

const NEW_YEAR = Date.UTC(2026, 0, 1, 0, 30)
/** An hour east of UTC. */
const clock = { nowMs: NEW_YEAR, zoneMs: 3_600_000 }

describe('a line of the journal', () => {
  it('has its time, who said it and what', () => {
    expect(parseJournalLine('1795768152.657688 pi mender-updated[312]: severity=info msg="x"')).toEqual({
      at: 1_795_768_152_658,
      text: 'mender-updated[312]: severity=info msg="x"',
    })
  })

  it('goes on without a time of its own, and cannot colour a screen or move its cursor', () => {
    expect(parseJournalLine('    second \u001B[31mred\u001B[0m\u0007 line')).toEqual({ at: null, text: '    second red line' })
  })
})

describe('a line of a log file', () => {
  it('is left out when it does not speak of Mender', () => {
    expect(parseSyslogLine('Jan  1 01:00:00 pi kernel: eth0 is up', clock)).toBeNull()
  })

  it('has the time of the board in its own zone, and is of last year when it would be of tomorrow', () => {
    const line = (stamp: string) => parseSyslogLine(`${stamp} pi daemon.info mender[1]: x`, clock)
    expect(line('Jan  1 01:00:00')).toEqual({ at: Date.UTC(2026, 0, 1, 0, 0), text: 'daemon.info mender[1]: x' })
    expect(line('Dec 31 23:59:59')?.at).toBe(Date.UTC(2025, 11, 31, 22, 59, 59))
    expect(line('2026-01-01T00:00:00.250+00:00')?.at).toBe(Date.UTC(2026, 0, 1, 0, 0, 0, 250))
  })

  it('is shown as it is when nobody knows how it tells its time', () => {
    expect(parseSyslogLine('<6>mender: x', clock)).toEqual({ at: null, text: '<6>mender: x' })
  })
})

describe('lines that are followed', () => {
  const source = { file: null, hasSystemctl: true, sudo: '', zoneMs: 0 }
  const told = (lines: FollowedLines) => {
    const all: { at: number; text: string }[] = []
    lines.listen((line) => all.push(line))
    return all
  }

  it('have the times of this machine where the clock of the board is wrong, also those that came before anybody listened', () => {
    const lines = new FollowedLines({ ...source, nowMs: 100_000_000_000 }, () => NEW_YEAR)
    lines.add('0100000000.500000 pi a[1]: first')
    lines.add('    second')
    const all = told(lines)
    lines.add('0100000001.000000 pi a[1]: third')
    expect(all).toEqual([
      { at: NEW_YEAR + 500, text: 'a[1]: first' },
      { at: NEW_YEAR + 500, text: '    second' },
      { at: NEW_YEAR + 1000, text: 'a[1]: third' },
    ])
  })

  it('have the exact times of the board where the clocks agree', () => {
    const lines = new FollowedLines({ ...source, nowMs: NEW_YEAR - 1500 }, () => NEW_YEAR)
    lines.add(`${NEW_YEAR / 1000}.000000 pi a[1]: first`)
    expect(told(lines)).toEqual([{ at: NEW_YEAR, text: 'a[1]: first' }])
  })
})
