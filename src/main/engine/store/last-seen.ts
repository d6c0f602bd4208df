import type { Changes } from '../lib/changes.ts'
import { Recent } from '../lib/recent.ts'
import type { Db } from './db.ts'
import { type PollGaps, packGaps, unpackGaps, withGap } from './poll-gaps.ts'

/** When a device was last heard, and at which rhythm it polls. */
export interface LastSeen {
  lastSeenAt: number | null
  lastPollAt: number | null
  /** Estimated; null before the second poll. */
  pollIntervalMs: number | null
}

/** What the device said last that it is and runs. */
export interface Reported {
  deviceType: string | null
  artifactName: string | null
}

interface Known {
  seen: LastSeen
  /** null: to be read again. */
  reported: Reported | null
  /** Since when something is not written yet; null when the row is up to date. */
  unwrittenAt: number | null
  /** Between its last polls. */
  gaps: PollGaps
  hasNewGap: boolean
  /** Whether it has reported on an update since its last poll. */
  isUpdating: boolean
}

/** Of so many devices what each poll needs is kept at hand. */
const AT_HAND = 10_000
/** So long a device may be heard again before it is written: one that polls often is written once for all. */
const HELD_MS = 10_000
/** So many are written at a stretch, in which nothing else happens: a few milliseconds. More only when ever more gather. */
const STRETCH = 200

const NOTHING: Reported = { deviceType: null, artifactName: null }
const UNKNOWN: Known = {
  seen: { lastSeenAt: null, lastPollAt: null, pollIntervalMs: null },
  reported: NOTHING,
  unwrittenAt: null,
  ...{ gaps: [], hasNewGap: false, isUpdating: false },
}

const SELECT = `
  SELECT last_seen_at AS lastSeenAt, last_poll_at AS lastPollAt, poll_interval_ms AS pollIntervalMs,
    device_type AS deviceType, artifact_name AS artifactName,
    (SELECT gaps FROM poll_gap WHERE device = device.number) AS gaps FROM device WHERE id = ?`

type KnownRow = LastSeen & Reported & { gaps: Buffer | null }

/** What the transaction that runs has changed may yet be taken back. */
function toKnown({ deviceType, artifactName, gaps, ...seen }: KnownRow, isInTransaction: boolean): Known {
  return {
    ...{ seen, reported: isInTransaction ? null : { deviceType, artifactName }, unwrittenAt: null },
    ...{ gaps: gaps ? unpackGaps(gaps) : [], hasNewGap: false, isUpdating: false },
  }
}

/** What was noted of devices and is written later, in the order in which it is due. */
function unwrittenPart(db: Db, changes: Changes) {
  const unwritten = new Map<string, Known>()
  const news = { isAny: false }
  const update = db.prepare<[number | null, number | null, number | null, string]>(
    'UPDATE device SET last_seen_at = ?, last_poll_at = ?, poll_interval_ms = ? WHERE id = ?',
  )

  const updateGaps = db.prepare<[Buffer, string]>(
    'INSERT INTO poll_gap SELECT number, ? FROM device WHERE id = ? ON CONFLICT DO UPDATE SET gaps = excluded.gaps',
  )

  /** In one transaction. */
  function write(devices: readonly (readonly [string, Known])[]): void {
    if (devices.length === 0) return
    db.transaction(() => {
      for (const [id, { seen, gaps, hasNewGap }] of devices) {
        update.run(seen.lastSeenAt, seen.lastPollAt, seen.pollIntervalMs, id)
        if (hasNewGap) updateGaps.run(packGaps(gaps), id)
      }
    })()
    for (const [id, each] of devices) {
      each.unwrittenAt = null
      each.hasNewGap = false
      unwritten.delete(id)
    }
  }

  /** The first of them, as far as they have waited long enough. */
  function due(now: number): [string, Known][] {
    const max = Math.max(STRETCH, Math.ceil(unwritten.size / 50))
    const found: [string, Known][] = []
    for (const each of unwritten) {
      if (found.length === max || (each[1].unwrittenAt ?? 0) > now - HELD_MS) break
      found.push(each)
    }
    return found
  }

  return {
    get: (deviceId: string): Known | undefined => unwritten.get(deviceId),
    add(deviceId: string, each: Known, at: number): void {
      news.isAny = true
      if (each.unwrittenAt !== null) return
      each.unwrittenAt = at
      unwritten.set(deviceId, each)
    },
    ids: (): string[] => [...unwritten.keys()],
    forget: (deviceId: string): void => void unwritten.delete(deviceId),
    announce(): boolean {
      const { isAny } = news
      news.isAny = false
      if (isAny) changes.bump()
      return isAny
    },
    writeDue: (now: number): void => write(due(now)),
    writeAll: (): void => write([...unwritten]),
  }
}

/** How long devices take between polls. */
function gapsPart(known: (deviceId: string) => Known, unwritten: (deviceId: string) => Known | undefined) {
  return {
    /** It has polled after that time; what it was doing meanwhile was an update when it has reported on one. To be called after `set`. */
    addGap(deviceId: string, gapMs: number): void {
      const each = known(deviceId)
      if (each === UNKNOWN) return
      each.gaps = withGap(each.gaps, each.isUpdating ? -gapMs : gapMs)
      Object.assign(each, { hasNewGap: true, isUpdating: false })
    },
    /** It reports on an update. */
    updating(deviceId: string): void {
      const each = known(deviceId)
      if (each !== UNKNOWN) each.isUpdating = true
    },
    /** Milliseconds between its last polls, the oldest first; below zero where it was updated in between. */
    gaps: (deviceId: string): PollGaps => known(deviceId).gaps,
    /** The same, unless what is written is up to date. */
    pendingGaps: (deviceId: string): PollGaps | null => unwritten(deviceId)?.gaps ?? null,
  }
}

/**
 * What every poll asks and changes, kept in memory. When a device was heard is written in batches, some seconds later: losing that in
 * a crash harms nobody.
 */
export function lastSeenPart(db: Db, changes: Changes) {
  const atHand = new Recent<string, Known>(AT_HAND)
  const unwritten = unwrittenPart(db, changes)
  const select = db.prepare<[string], KnownRow>(SELECT)
  const inMemory = (deviceId: string): Known | undefined => atHand.get(deviceId) ?? unwritten.get(deviceId)

  function known(deviceId: string): Known {
    const found = inMemory(deviceId)
    if (found) return found
    const row = select.get(deviceId)
    if (!row) return UNKNOWN
    const read = toKnown(row, db.inTransaction)
    atHand.set(deviceId, read)
    return read
  }

  function reportedOf(deviceId: string): Reported {
    const each = known(deviceId)
    if (each.reported) return each.reported
    const { deviceType, artifactName } = select.get(deviceId) ?? NOTHING
    const reported = { deviceType, artifactName }
    if (!db.inTransaction) each.reported = reported
    return reported
  }

  return {
    /** All null for a device that is unknown or was never heard. */
    get: (deviceId: string): LastSeen => known(deviceId).seen,
    /** All null for a device that is unknown or has said nothing. */
    reported: reportedOf,
    /** Of a device that is known. */
    set(deviceId: string, seen: LastSeen & { lastSeenAt: number }): void {
      const each = known(deviceId)
      if (each === UNKNOWN) return
      each.seen = seen
      unwritten.add(deviceId, each, seen.lastSeenAt)
    },
    ...gapsPart(known, unwritten.get),
    /** What is not written yet; null when the row is up to date. */
    pending: (deviceId: string): LastSeen | null => unwritten.get(deviceId)?.seen ?? null,
    unwrittenIds: unwritten.ids,
    /** What it says of itself is about to be written by somebody else. */
    forgetReported(deviceId: string): void {
      const each = inMemory(deviceId)
      if (each) each.reported = null
    },
    /** The device is gone. */
    forget(deviceId: string): void {
      atHand.delete(deviceId)
      unwritten.forget(deviceId)
    },
    /** Wakes who follows the devices if any was heard since the last time; answers whether one was. */
    announce: unwritten.announce,
    /** Writes what has waited long enough, a stretch of it; to be called several times a second. */
    writeDue: unwritten.writeDue,
    /** Writes all that has gathered. */
    flush: unwritten.writeAll,
  }
}

export type LastSeenPart = ReturnType<typeof lastSeenPart>
