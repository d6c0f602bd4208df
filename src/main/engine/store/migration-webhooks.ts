/** How many events wait at most for those who want to hear of them. */
export const MAX_EVENTS = 10_000

const NOW = "CAST(unixepoch('subsec') * 1000 AS INTEGER)"

/** A trigger that writes an event, as long as somebody wants to hear of any. */
export function event(name: string, on: string, { when, values }: { when: string; values: string }): string {
  return `
  CREATE TRIGGER event_${name} ${on} WHEN EXISTS (SELECT 1 FROM webhook) AND ${when} BEGIN
    INSERT INTO event (at, kind, device_id, deployment_id, status) SELECT ${NOW}, ${values};
  END;`
}

/** Who is told of events by HTTP, and the events: written by triggers, so that none is forgotten and each commits with what it tells of. */
export const WEBHOOK_MIGRATION = `
  CREATE TABLE webhook (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    kinds TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- The last event that is settled: delivered, not wanted, or given up.
    settled_id INTEGER NOT NULL,
    failed_times INTEGER NOT NULL DEFAULT 0,
    retry_at INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    delivered_at INTEGER,
    dropped_count INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    device_id TEXT,
    deployment_id TEXT,
    status TEXT NOT NULL
  ) STRICT;
  CREATE TRIGGER event_limit AFTER INSERT ON event BEGIN
    DELETE FROM event WHERE id <= NEW.id - ${MAX_EVENTS};
  END;

  ALTER TABLE device ADD COLUMN silent_at INTEGER;
  ${event('device_status', 'AFTER UPDATE OF status ON device', { when: 'OLD.status <> NEW.status', values: "'device-status', NEW.id, NULL, NEW.status" })}
  ${event('device_removed', 'AFTER DELETE ON device', { when: 'TRUE', values: "'device-status', OLD.id, NULL, 'decommissioned'" })}
  ${event('device_silent', 'AFTER UPDATE OF silent_at ON device', {
    when: '(OLD.silent_at IS NULL) <> (NEW.silent_at IS NULL)',
    values: "'device-silent', NEW.id, NULL, iif(NEW.silent_at IS NULL, 'heard', 'silent')",
  })}
  ${event('new_key', 'AFTER INSERT ON authset', {
    when: "NEW.status = 'pending' AND EXISTS (SELECT 1 FROM authset WHERE device_id = NEW.device_id AND status = 'accepted')",
    values: "'device-new-key', NEW.device_id, NULL, NEW.status",
  })}
  ${event('deployment_created', 'AFTER INSERT ON deployment', { when: 'TRUE', values: "'deployment-created', NULL, NEW.id, 'pending'" })}
  ${event('deployment_finished', 'AFTER UPDATE OF finished_at ON deployment', {
    when: 'OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL',
    values: "'deployment-finished', NULL, NEW.id, 'finished'",
  })}
  ${event('device_deployment', 'AFTER UPDATE OF status ON device_deployment', {
    when: 'OLD.status <> NEW.status',
    values: "'deployment-device-status', NEW.device_id, NEW.deployment_id, NEW.status",
  })}
`
