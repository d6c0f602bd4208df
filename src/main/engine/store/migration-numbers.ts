import { valueKey, valueWords } from './attribute-values.ts'
import type { Db } from './db.ts'
import { event } from './migration-webhooks.ts'

const deviceIdOf = (number: string): string =>
  `coalesce((SELECT id FROM device WHERE number = ${number}), (SELECT id FROM removed_device WHERE number = ${number}))`

/** Functions that NUMBER_MIGRATION calls. */
export function defineMigrationFunctions(db: Db): void {
  const options = { deterministic: true, directOnly: true }
  db.function('value_json', options, (value: unknown) => JSON.stringify(JSON.parse(String(value))))
  db.function('value_key', options, (value: unknown) => valueKey(String(value)).key)
  db.function('value_variant', options, (value: unknown) => valueKey(String(value)).variant)
  db.function('value_words', options, (value: unknown) => valueWords(String(value)))
}

const DEVICE_COLUMNS = `id, identity_hash, identity, nickname, group_name, status, device_type, artifact_name, created_at, updated_at,
  last_seen_at, last_poll_at, poll_interval_ms, silent_at`
const PART_COLUMNS = `device_name, status, substate, explanation, artifact_id, previous_artifact_name, created_at, started_at, finished_at,
  deleted_at, failed_attempts, admitted_at`

/**
 * What large tables hold of a device is its number, in order of arrival, and what they hold of an attribute's value is the number of
 * that: a third of the room, and rows that belong together lie together.
 */
export const NUMBER_MIGRATION = `
  CREATE TABLE numbered_device (
    -- Never given twice: what was deployed to a device that is gone stays in the history.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    identity_hash TEXT NOT NULL UNIQUE,
    identity TEXT NOT NULL,
    nickname TEXT NOT NULL DEFAULT '',
    group_name TEXT,
    status TEXT NOT NULL DEFAULT 'noauth' CHECK (status IN ('pending','accepted','rejected','preauthorized','noauth')),
    device_type TEXT,
    artifact_name TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    last_poll_at INTEGER,
    poll_interval_ms INTEGER,
    silent_at INTEGER
  ) STRICT;
  INSERT INTO numbered_device (${DEVICE_COLUMNS}) SELECT ${DEVICE_COLUMNS} FROM device ORDER BY created_at, id;
  DROP TABLE device;
  ALTER TABLE numbered_device RENAME TO device;
  CREATE INDEX device_by_status ON device (status);
  CREATE INDEX device_by_group ON device (group_name) WHERE group_name IS NOT NULL;
  CREATE INDEX device_by_artifact ON device (artifact_name);
  CREATE INDEX device_by_age ON device (created_at);
  ${event('device_status', 'AFTER UPDATE OF status ON device', { when: 'OLD.status <> NEW.status', values: "'device-status', NEW.id, NULL, NEW.status" })}
  ${event('device_removed', 'AFTER DELETE ON device', { when: 'TRUE', values: "'device-status', OLD.id, NULL, 'decommissioned'" })}
  ${event('device_silent', 'AFTER UPDATE OF silent_at ON device', {
    when: '(OLD.silent_at IS NULL) <> (NEW.silent_at IS NULL)',
    values: "'device-silent', NEW.id, NULL, iif(NEW.silent_at IS NULL, 'heard', 'silent')",
  })}

  -- Ids of devices that are gone and were part of deployments.
  CREATE TABLE removed_device (number INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;
  CREATE INDEX removed_device_by_id ON removed_device (id, number);
  INSERT INTO removed_device
    SELECT (SELECT coalesce(max(number), 0) FROM device) + row_number() OVER (ORDER BY device_id), device_id
    FROM (SELECT DISTINCT device_id FROM device_deployment WHERE device_id NOT IN (SELECT id FROM device));
  INSERT INTO sqlite_sequence (name, seq) SELECT 'device', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'device');
  UPDATE sqlite_sequence SET seq = max(seq, (SELECT coalesce(max(number), 0) FROM removed_device)) WHERE name = 'device';

  CREATE TABLE numbered_device_deployment (
    deployment_id TEXT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    device INTEGER NOT NULL,
    device_name TEXT NOT NULL,
    status TEXT NOT NULL,
    substate TEXT NOT NULL DEFAULT '',
    explanation TEXT NOT NULL DEFAULT '',
    artifact_id TEXT,
    previous_artifact_name TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    deleted_at INTEGER,
    failed_attempts INTEGER NOT NULL DEFAULT 0,
    admitted_at INTEGER,
    PRIMARY KEY (deployment_id, device)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO numbered_device_deployment (deployment_id, device, ${PART_COLUMNS})
    SELECT deployment_id, coalesce((SELECT number FROM device WHERE id = device_id), (SELECT number FROM removed_device WHERE id = device_id)),
      ${PART_COLUMNS} FROM device_deployment;
  CREATE TABLE numbered_log (
    deployment_id TEXT NOT NULL,
    device INTEGER NOT NULL,
    messages TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, device),
    FOREIGN KEY (deployment_id, device) REFERENCES device_deployment (deployment_id, device) ON DELETE CASCADE
  ) STRICT;
  INSERT INTO numbered_log
    SELECT deployment_id, coalesce((SELECT number FROM device WHERE id = device_id), (SELECT number FROM removed_device WHERE id = device_id)),
      messages, received_at FROM deployment_log;
  DROP TABLE deployment_log;
  DROP TABLE device_deployment;
  ALTER TABLE numbered_device_deployment RENAME TO device_deployment;
  ALTER TABLE numbered_log RENAME TO deployment_log;
  -- What a device has to do, which is not finished, comes first; the rest is its history.
  CREATE INDEX device_deployment_by_device ON device_deployment (device, finished_at);
  CREATE INDEX device_deployment_by_artifact ON device_deployment (artifact_id) WHERE artifact_id IS NOT NULL;
  CREATE TRIGGER device_removed AFTER DELETE ON device WHEN EXISTS (SELECT 1 FROM device_deployment WHERE device = OLD.number) BEGIN
    INSERT INTO removed_device VALUES (OLD.number, OLD.id);
  END;
  CREATE TRIGGER device_deployment_moved AFTER UPDATE OF status ON device_deployment WHEN OLD.status <> NEW.status BEGIN
    UPDATE deployment_statistic SET device_count = device_count - 1 WHERE deployment_id = OLD.deployment_id AND status = OLD.status;
    INSERT INTO deployment_statistic VALUES (NEW.deployment_id, NEW.status, 1)
      ON CONFLICT DO UPDATE SET device_count = device_count + 1;
  END;
  CREATE TRIGGER device_deployment_admitted AFTER UPDATE OF admitted_at ON device_deployment
    WHEN (OLD.admitted_at IS NULL) <> (NEW.admitted_at IS NULL) BEGIN
    UPDATE deployment SET admitted_count = admitted_count + iif(NEW.admitted_at IS NULL, -1, 1) WHERE id = NEW.deployment_id;
  END;
  CREATE TRIGGER device_deployment_ended AFTER UPDATE OF finished_at ON device_deployment
    WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL BEGIN
    UPDATE deployment SET unfinished_count = unfinished_count - 1,
      settled_count = settled_count + (NEW.admitted_at IS NOT NULL),
      finished_at = CASE WHEN unfinished_count = 1 AND is_open = 0 THEN NEW.finished_at END WHERE id = NEW.deployment_id;
  END;
  CREATE TRIGGER device_deployment_reopened AFTER UPDATE OF finished_at ON device_deployment
    WHEN OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL BEGIN
    UPDATE deployment SET unfinished_count = unfinished_count + 1, finished_at = NULL,
      settled_count = settled_count - (OLD.admitted_at IS NOT NULL) WHERE id = NEW.deployment_id;
  END;
  ${event('device_deployment', 'AFTER UPDATE OF status ON device_deployment', {
    when: 'OLD.status <> NEW.status',
    values: `'deployment-device-status', ${deviceIdOf('NEW.device')}, NEW.deployment_id, NEW.status`,
  })}

  ALTER TABLE attribute RENAME TO old_attribute;
  DROP INDEX attribute_by_value;
  CREATE TABLE attribute_name (
    id INTEGER PRIMARY KEY,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    -- How many devices have it.
    device_count INTEGER NOT NULL DEFAULT 0,
    UNIQUE (scope, name)
  ) STRICT;
  -- Each different value of an attribute, once; value is JSON.
  CREATE TABLE attribute_value (
    id INTEGER PRIMARY KEY,
    name INTEGER NOT NULL,
    value TEXT NOT NULL,
    sort_key TEXT NOT NULL,
    variant TEXT NOT NULL
  ) STRICT;
  CREATE TABLE attribute (
    device INTEGER NOT NULL REFERENCES device (number) ON DELETE CASCADE,
    name INTEGER NOT NULL,
    value INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (device, name)
  ) STRICT, WITHOUT ROWID;
  -- Every three letters in a row, in lower case, and the values that have them.
  CREATE VIRTUAL TABLE value_text USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1');

  CREATE TABLE device_value (device INTEGER NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, updated_at INTEGER NOT NULL);
  INSERT INTO device_value SELECT device.number, 'identity', each.key,
    value_json(iif(each.type = 'array', each.value, json_quote(each.value))), device.created_at FROM device, json_each(device.identity) each;
  INSERT INTO device_value SELECT device.number, scope, name, value, old_attribute.updated_at
    FROM old_attribute JOIN device ON device.id = old_attribute.device_id WHERE scope NOT IN ('identity', 'system');
  INSERT INTO attribute_name (scope, name, device_count) SELECT scope, name, count(*) FROM device_value GROUP BY scope, name;
  INSERT INTO attribute_value (name, value, sort_key, variant)
    SELECT attribute_name.id, value, value_key(value), value_variant(value) FROM (SELECT DISTINCT scope, name, value FROM device_value) d
    JOIN attribute_name ON attribute_name.scope = d.scope AND attribute_name.name = d.name;
  CREATE UNIQUE INDEX attribute_value_by_key ON attribute_value (name, sort_key, variant);
  CREATE INDEX attribute_value_list ON attribute_value (name) WHERE value LIKE '[%';
  INSERT INTO attribute SELECT d.device, n.id, v.id, d.updated_at FROM device_value d
    JOIN attribute_name n ON n.scope = d.scope AND n.name = d.name
    JOIN attribute_value v ON v.name = n.id AND v.sort_key = value_key(d.value) AND v.variant = value_variant(d.value) ORDER BY d.device, n.id;
  INSERT INTO value_text (rowid, words) SELECT id, value_words(value) FROM attribute_value;
  DROP TABLE device_value;
  DROP TABLE old_attribute;
  CREATE INDEX attribute_by_value ON attribute (value, device);

  CREATE TRIGGER attribute_added AFTER INSERT ON attribute BEGIN
    UPDATE attribute_name SET device_count = device_count + 1 WHERE id = NEW.name;
  END;
  CREATE TRIGGER attribute_removed AFTER DELETE ON attribute BEGIN
    UPDATE attribute_name SET device_count = device_count - 1 WHERE id = OLD.name;
    DELETE FROM attribute_value WHERE id = OLD.value AND NOT EXISTS (SELECT 1 FROM attribute WHERE value = OLD.value);
  END;
  CREATE TRIGGER attribute_changed AFTER UPDATE OF value ON attribute BEGIN
    DELETE FROM attribute_value WHERE id = OLD.value AND NOT EXISTS (SELECT 1 FROM attribute WHERE value = OLD.value);
  END;
  CREATE TRIGGER attribute_value_removed AFTER DELETE ON attribute_value BEGIN
    DELETE FROM value_text WHERE rowid = OLD.id;
  END;
`
