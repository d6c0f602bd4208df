/** What terminals on devices showed; the text itself is a file. */
export const RECORDING_MIGRATION = `
  CREATE TABLE recording (
    id TEXT PRIMARY KEY,
    device_id TEXT NOT NULL,
    -- As it was called then: a device may be gone before its recordings.
    device_name TEXT NOT NULL,
    actor TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    size_bytes INTEGER NOT NULL DEFAULT 0,
    is_cut INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX recording_by_age ON recording (started_at);
`
