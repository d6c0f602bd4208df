import type { Db } from './db.ts'
import type { LastSeenPart } from './last-seen.ts'

/** Milliseconds between the last polls of a device, the oldest first; below zero where it was updated in between. */
export type PollGaps = readonly number[]

/** So many are kept of a device. */
const KEPT = 48
const MAX = 0x7f_ff_ff_ff
const WIDTH = 4

export function withGap(gaps: PollGaps, gap: number): PollGaps {
  return [...gaps.slice(1 - KEPT), Math.max(-MAX, Math.min(MAX, Math.round(gap)))]
}

export function packGaps(gaps: PollGaps): Buffer {
  const bytes = Buffer.alloc(gaps.length * WIDTH)
  for (const [index, gap] of gaps.entries()) bytes.writeInt32LE(gap, index * WIDTH)
  return bytes
}

export function unpackGaps(bytes: Buffer): number[] {
  return Array.from({ length: Math.floor(bytes.length / WIDTH) }, (_, index) => bytes.readInt32LE(index * WIDTH))
}

export interface DevicePolls {
  gaps: PollGaps
  lastSeenAt: number | null
  pollIntervalMs: number | null
}

interface Row {
  id: string
  lastSeenAt: number | null
  pollIntervalMs: number | null
  gaps: Buffer | null
}

interface Sample {
  group: string | null
  deviceType: string | null
  /** So many devices are looked at, spread over all that ever came. */
  most: number
}

const SELECT = `SELECT d.id, d.last_seen_at AS lastSeenAt, d.poll_interval_ms AS pollIntervalMs, g.gaps FROM device d LEFT JOIN poll_gap g ON g.device = d.number`
const FITS = `d.status = 'accepted' AND (:group IS NULL OR d.group_name = :group) AND (:deviceType IS NULL OR d.device_type = :deviceType)`

/** How devices poll. */
export function pollGapTable(db: Db, lastSeen: LastSeenPart) {
  const last = db.prepare<[], number | null>('SELECT max(number) FROM device').pluck()
  const all = db.prepare<Omit<Sample, 'most'>, Row>(`${SELECT} WHERE ${FITS}`)
  const some = db.prepare<Omit<Sample, 'most'> & { numbers: string }, Row>(
    `${SELECT.replace('FROM device d', 'FROM json_each(:numbers) wanted CROSS JOIN device d ON d.number = wanted.value')} WHERE ${FITS}`,
  )
  return {
    /** Accepted devices, of more than `most` a part, and whether it is that. */
    sample({ group, deviceType, most }: Sample): { devices: DevicePolls[]; isPart: boolean } {
      const every = Math.ceil((last.get() ?? 0) / most)
      const isPart = every > 1
      const numbers = JSON.stringify(isPart ? Array.from({ length: most }, (_, index) => (index + 1) * every) : [])
      const rows = isPart ? some.all({ group, deviceType, numbers }) : all.all({ group, deviceType })
      const devices = rows.map(({ id, lastSeenAt, pollIntervalMs, gaps }) => ({
        ...(lastSeen.pending(id) ?? { lastSeenAt, pollIntervalMs }),
        gaps: lastSeen.pendingGaps(id) ?? (gaps ? unpackGaps(gaps) : []),
      }))
      return { devices, isPart }
    },
  }
}
