import { AppError } from '../../contract/errors.ts'
import type { Db } from './db.ts'
import { AUDIT_MIGRATION } from './migration-audit.ts'
import { BOARD_MIGRATION } from './migration-boards.ts'
import { DELIVERY_MIGRATION } from './migration-deliveries.ts'
import { DEVICES_MIGRATION } from './migration-devices.ts'
import { ENDING_MIGRATION, NAME_MIGRATION } from './migration-endings.ts'
import { FIGURE_MIGRATION } from './migration-figures.ts'
import { MANAGEMENT_MIGRATION } from './migration-management.ts'
import { NUMBER_MIGRATION, defineMigrationFunctions } from './migration-numbers.ts'
import { PLAN_MIGRATION } from './migration-plans.ts'
import { RECORDING_MIGRATION } from './migration-recordings.ts'
import { REFUSAL_MIGRATION } from './migration-refusals.ts'
import { ROLE_MIGRATION } from './migration-roles.ts'
import { ARTIFACT_USE_MIGRATION, SCALE_MIGRATION } from './migration-scale.ts'
import { WEBHOOK_MIGRATION } from './migration-webhooks.ts'

/**
 * Append only: a database of version n has run the first n. Never change one that was released.
 * Times are epoch milliseconds. JSON columns are written and parsed by the table group that owns them.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE device (
    id TEXT PRIMARY KEY,
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
    poll_interval_ms INTEGER
  ) STRICT;
  CREATE INDEX device_by_status ON device (status, created_at, id);
  CREATE INDEX device_by_group ON device (group_name) WHERE group_name IS NOT NULL;
  CREATE INDEX device_by_artifact ON device (artifact_name);
  CREATE INDEX device_by_age ON device (created_at, id);

  CREATE TABLE authset (
    id TEXT PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending','accepted','rejected','preauthorized')),
    created_at INTEGER NOT NULL,
    UNIQUE (device_id, fingerprint)
  ) STRICT;
  CREATE UNIQUE INDEX authset_one_accepted ON authset (device_id) WHERE status = 'accepted';

  CREATE TABLE attribute (
    device_id TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (device_id, scope, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE artifact (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    content TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX artifact_by_name ON artifact (name, size_bytes);
  CREATE TABLE artifact_device_type (
    artifact_id TEXT NOT NULL REFERENCES artifact (id) ON DELETE CASCADE,
    device_type TEXT NOT NULL,
    PRIMARY KEY (artifact_id, device_type)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX artifact_by_device_type ON artifact_device_type (device_type, artifact_id);

  CREATE TABLE deployment (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    artifact_name TEXT NOT NULL,
    is_forced INTEGER NOT NULL,
    group_name TEXT,
    device_count INTEGER NOT NULL,
    unfinished_count INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
  ) STRICT;
  CREATE INDEX deployment_by_age ON deployment (created_at);
  CREATE INDEX deployment_unfinished ON deployment (artifact_name) WHERE finished_at IS NULL;

  -- No reference to device: a decommissioned device stays in the history of what was deployed.
  CREATE TABLE device_deployment (
    deployment_id TEXT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    device_id TEXT NOT NULL,
    device_name TEXT NOT NULL,
    status TEXT NOT NULL,
    substate TEXT NOT NULL DEFAULT '',
    explanation TEXT NOT NULL DEFAULT '',
    artifact_id TEXT,
    previous_artifact_name TEXT,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    PRIMARY KEY (deployment_id, device_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX device_deployment_active ON device_deployment (device_id, created_at) WHERE finished_at IS NULL;
  CREATE INDEX device_deployment_by_device ON device_deployment (device_id, created_at);
  CREATE INDEX device_deployment_by_artifact ON device_deployment (artifact_id) WHERE finished_at IS NULL;

  -- Counts of device_deployment by status, so that a list of deployments costs nothing at 100,000 devices.
  CREATE TABLE deployment_statistic (
    deployment_id TEXT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    device_count INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, status)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER device_deployment_added AFTER INSERT ON device_deployment BEGIN
    INSERT INTO deployment_statistic VALUES (NEW.deployment_id, NEW.status, 1)
      ON CONFLICT DO UPDATE SET device_count = device_count + 1;
  END;
  CREATE TRIGGER device_deployment_moved AFTER UPDATE OF status ON device_deployment WHEN OLD.status <> NEW.status BEGIN
    UPDATE deployment_statistic SET device_count = device_count - 1 WHERE deployment_id = OLD.deployment_id AND status = OLD.status;
    INSERT INTO deployment_statistic VALUES (NEW.deployment_id, NEW.status, 1)
      ON CONFLICT DO UPDATE SET device_count = device_count + 1;
  END;
  -- A deployment has ended when its last device has.
  CREATE TRIGGER device_deployment_ended AFTER UPDATE OF finished_at ON device_deployment
    WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL BEGIN
    UPDATE deployment SET unfinished_count = unfinished_count - 1,
      finished_at = CASE WHEN unfinished_count = 1 THEN NEW.finished_at END WHERE id = NEW.deployment_id;
  END;

  CREATE TABLE deployment_log (
    deployment_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    messages TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, device_id),
    FOREIGN KEY (deployment_id, device_id) REFERENCES device_deployment (deployment_id, device_id) ON DELETE CASCADE
  ) STRICT;

  CREATE TABLE timeline (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    device_id TEXT NOT NULL,
    deployment_id TEXT,
    lane TEXT NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX timeline_by_device ON timeline (device_id, id);
  CREATE INDEX timeline_by_deployment ON timeline (deployment_id, id) WHERE deployment_id IS NOT NULL;

  CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    algorithm TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    public_key_pem TEXT NOT NULL,
    has_private_key INTEGER NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE user (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE access_token (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER
  ) STRICT;
  CREATE INDEX access_token_by_user ON access_token (user_id);

  CREATE TABLE job (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    steps TEXT NOT NULL,
    step INTEGER NOT NULL,
    progress TEXT,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    failure TEXT
  ) STRICT;
  CREATE INDEX job_by_age ON job (started_at);
  CREATE TABLE job_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id TEXT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX job_line_by_job ON job_line (job_id, id);

  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
  MANAGEMENT_MIGRATION,
  PLAN_MIGRATION,
  AUDIT_MIGRATION,
  REFUSAL_MIGRATION,
  DEVICES_MIGRATION,
  WEBHOOK_MIGRATION,
  SCALE_MIGRATION,
  ARTIFACT_USE_MIGRATION,
  DELIVERY_MIGRATION,
  // Jobs that were started as one, as the lanes of a flash.
  'ALTER TABLE job ADD COLUMN batch TEXT',
  NUMBER_MIGRATION,
  ENDING_MIGRATION,
  RECORDING_MIGRATION,
  NAME_MIGRATION,
  ROLE_MIGRATION,
  BOARD_MIGRATION,
  FIGURE_MIGRATION,
  // What is expected is found among the keys of a million devices.
  "CREATE INDEX authset_preauthorized ON authset (created_at) WHERE status = 'preauthorized'",
  // Lists are found, and devices put in order of age, in memory.
  'DROP INDEX attribute_value_list; DROP INDEX device_by_age',
]

/** The schema version that this build writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

/**
 * Brings a database to this build's schema, or to that of an earlier one; each step is a transaction.
 * CONFLICT when a newer build has written it.
 */
export function migrate(db: Db, upTo = SCHEMA_VERSION): void {
  const version = Number(db.pragma('user_version', { simple: true }))
  if (version > SCHEMA_VERSION) {
    throw new AppError(
      'CONFLICT',
      `The database has schema ${version}, this OTA Bench knows schemas up to ${SCHEMA_VERSION}`,
      'A newer OTA Bench has used this data folder. Start that one, or choose another folder.',
    )
  }
  defineMigrationFunctions(db)
  // A table that others refer to may be made anew: what hangs on it stays.
  db.pragma('foreign_keys = OFF')
  MIGRATIONS.slice(version, upTo).forEach((sql, index) => {
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${version + index + 1}`)
    }).exclusive()
  })
  db.pragma('foreign_keys = ON')
}
