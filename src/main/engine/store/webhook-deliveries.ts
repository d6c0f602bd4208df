import type { DeliveryKind } from '../../contract/webhooks.ts'
import type { Changes } from '../lib/changes.ts'
import type { Db } from './db.ts'
import { KEPT_DELIVERIES } from './migration-deliveries.ts'

/** One try to tell somebody of something. */
export interface StoredDelivery {
  id: number
  webhookId: string
  /** null for a test. */
  eventId: number | null
  at: number
  kind: DeliveryKind
  /** Of whom and what the message tells, in a few words. */
  about: string
  body: string
  tookMs: number
  status: number | null
  error: string
}

const SELECT = `
  SELECT id, webhook_id AS webhookId, event_id AS eventId, at, kind, about, body, took_ms AS tookMs, status, error FROM webhook_delivery`

/** The last tries of each webhook. */
export function webhookDeliveryTable(db: Db, changes: Changes) {
  const insert = db.prepare(`
    INSERT INTO webhook_delivery (webhook_id, event_id, at, kind, about, body, took_ms, status, error)
    SELECT :webhookId, :eventId, :at, :kind, :about, :body, :tookMs, :status, :error
    WHERE EXISTS (SELECT 1 FROM webhook WHERE id = :webhookId)`)
  const select = db.prepare<[string, number], StoredDelivery>(`${SELECT} WHERE webhook_id = ? ORDER BY id DESC LIMIT ?`)
  const selectOne = db.prepare<[number], StoredDelivery>(`${SELECT} WHERE id = ?`)
  return {
    /** Answers its id; one of a webhook that was removed meanwhile is not kept. */
    add(delivery: Omit<StoredDelivery, 'id'>): number {
      const { lastInsertRowid } = insert.run(delivery)
      changes.bump()
      return Number(lastInsertRowid)
    },
    /** The newest first. */
    ofWebhook: (webhookId: string): StoredDelivery[] => select.all(webhookId, KEPT_DELIVERIES),
    get: (id: number): StoredDelivery | null => selectOne.get(id) ?? null,
  }
}
