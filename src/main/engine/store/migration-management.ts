/** What the management API keeps beyond the first schema: several users, notes and tags of releases, history that was put aside. */
export const MANAGEMENT_MIGRATION = `
  ALTER TABLE user ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE user ADD COLUMN last_login_at INTEGER;
  UPDATE user SET updated_at = created_at;

  -- A release is all artifacts of one name; here is only what people have written about it.
  CREATE TABLE release (
    name TEXT PRIMARY KEY,
    notes TEXT NOT NULL,
    tags TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;

  -- When a device's part in a deployment was put aside: it stays in the deployment, and leaves the history of the device.
  ALTER TABLE device_deployment ADD COLUMN deleted_at INTEGER;
  CREATE TRIGGER device_deployment_reopened AFTER UPDATE OF finished_at ON device_deployment
    WHEN OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL BEGIN
    UPDATE deployment SET unfinished_count = unfinished_count + 1, finished_at = NULL WHERE id = NEW.deployment_id;
  END;
`
