import { z } from 'zod'
import { type WebhookKind, webhookKind } from '../../contract/webhooks.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson } from './db.ts'

/** Somebody who is told of events. */
export interface StoredWebhook {
  id: string
  url: string
  secret: string
  /** Empty: everything. */
  kinds: WebhookKind[]
  createdAt: number
  /** The last event that is settled: delivered, not wanted, or given up. */
  settledId: number
  /** Tries in a row that have failed. */
  failedTimes: number
  retryAt: number
  lastError: string
  deliveredAt: number | null
  droppedCount: number
  waitingCount: number
}

export interface StoredEvent {
  id: number
  at: number
  kind: WebhookKind
  deviceId: string | null
  deploymentId: string | null
  status: string
}

interface WebhookRow extends Omit<StoredWebhook, 'kinds'> {
  kinds: string
}

const SELECT = `
  SELECT id, url, secret, kinds, created_at AS createdAt, settled_id AS settledId, failed_times AS failedTimes, retry_at AS retryAt,
    last_error AS lastError, delivered_at AS deliveredAt, dropped_count AS droppedCount,
    (SELECT count(*) FROM event WHERE event.id > settled_id AND (kinds = '[]' OR instr(kinds, '"' || kind || '"') > 0)) AS waitingCount
  FROM webhook`

function toWebhook({ kinds, ...row }: WebhookRow): StoredWebhook {
  return { ...row, kinds: readJson(z.array(webhookKind), kinds, 'webhook') }
}

/** Who is told of what happens, and what has happened that somebody is still to be told of. */
export function webhookTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], WebhookRow>(`${SELECT} ORDER BY created_at, webhook.rowid`)
  const insert = db.prepare(`
    INSERT INTO webhook (id, url, secret, kinds, created_at, settled_id)
    VALUES (:id, :url, :secret, :kinds, :createdAt, (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'event'))`)
  const update = db.prepare(`
    UPDATE webhook SET settled_id = :settledId, failed_times = :failedTimes, retry_at = :retryAt, last_error = :lastError,
      delivered_at = :deliveredAt, dropped_count = :droppedCount WHERE id = :id`)
  const remove = db.prepare<[string]>('DELETE FROM webhook WHERE id = ?')
  const selectNext = db.prepare<[number], StoredEvent>(
    'SELECT id, at, kind, device_id AS deviceId, deployment_id AS deploymentId, status FROM event WHERE id > ? ORDER BY id LIMIT 1',
  )
  const clear = db.prepare('DELETE FROM event WHERE NOT EXISTS (SELECT 1 FROM webhook) OR id <= (SELECT min(settled_id) FROM webhook)')
  return {
    list: (): StoredWebhook[] => selectAll.all().map(toWebhook),
    /** It is told of what happens from now on. */
    add({ kinds, ...webhook }: Pick<StoredWebhook, 'id' | 'url' | 'secret' | 'kinds' | 'createdAt'>): void {
      insert.run({ ...webhook, kinds: JSON.stringify(kinds) })
      changes.bump()
    },
    /** Writes how far it has come. */
    update({ id, settledId, failedTimes, retryAt, lastError, deliveredAt, droppedCount }: Omit<StoredWebhook, 'waitingCount'>): void {
      update.run({ id, settledId, failedTimes, retryAt, lastError, deliveredAt, droppedCount })
      changes.bump()
    },
    /** Answers whether there was one. */
    remove(id: string): boolean {
      const isGone = remove.run(id).changes > 0
      changes.bump()
      return isGone
    },
    /** The first event after this one; null when there is none yet. */
    nextEvent: (settledId: number): StoredEvent | null => selectNext.get(settledId) ?? null,
    /** Forgets what everybody was told of. */
    clearSettled: (): void => void clear.run(),
  }
}
