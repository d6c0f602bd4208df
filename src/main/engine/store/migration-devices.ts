/** Device configuration, what a deployment lets devices wait for, and artifacts that are made for one deployment. */
export const DEVICES_MIGRATION = `
  CREATE TABLE device_configuration (
    device_id TEXT PRIMARY KEY REFERENCES device (id) ON DELETE CASCADE,
    configured TEXT NOT NULL DEFAULT '{}',
    reported TEXT NOT NULL DEFAULT '{}',
    deployment_id TEXT,
    configured_at INTEGER,
    reported_at INTEGER
  ) STRICT;
  ALTER TABLE deployment ADD COLUMN kind TEXT NOT NULL DEFAULT 'software' CHECK (kind IN ('software', 'configuration'));
  ALTER TABLE deployment ADD COLUMN update_control_map TEXT;
  ALTER TABLE artifact ADD COLUMN is_generated INTEGER NOT NULL DEFAULT 0;
`
