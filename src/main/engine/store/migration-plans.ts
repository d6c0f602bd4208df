/** Deployments that go about it by a plan, filters that admit devices later, and groups that are filters. */
export const PLAN_MIGRATION = `
  ALTER TABLE deployment ADD COLUMN plan TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE deployment ADD COLUMN filter TEXT;
  ALTER TABLE deployment ADD COLUMN is_open INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deployment ADD COLUMN stopped_why TEXT NOT NULL DEFAULT '';
  -- How many devices were let in, and how many of these have ended: kept here, so that a poll in a phase costs nothing.
  ALTER TABLE deployment ADD COLUMN admitted_count INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deployment ADD COLUMN settled_count INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX deployment_open ON deployment (created_at) WHERE is_open = 1;

  ALTER TABLE device_deployment ADD COLUMN failed_attempts INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE device_deployment ADD COLUMN admitted_at INTEGER;

  CREATE TRIGGER device_deployment_admitted AFTER UPDATE OF admitted_at ON device_deployment
    WHEN (OLD.admitted_at IS NULL) <> (NEW.admitted_at IS NULL) BEGIN
    UPDATE deployment SET admitted_count = admitted_count + iif(NEW.admitted_at IS NULL, -1, 1) WHERE id = NEW.deployment_id;
  END;

  -- As before, and an open deployment goes on without a device.
  DROP TRIGGER device_deployment_ended;
  CREATE TRIGGER device_deployment_ended AFTER UPDATE OF finished_at ON device_deployment
    WHEN OLD.finished_at IS NULL AND NEW.finished_at IS NOT NULL BEGIN
    UPDATE deployment SET unfinished_count = unfinished_count - 1,
      settled_count = settled_count + (NEW.admitted_at IS NOT NULL),
      finished_at = CASE WHEN unfinished_count = 1 AND is_open = 0 THEN NEW.finished_at END WHERE id = NEW.deployment_id;
  END;
  DROP TRIGGER device_deployment_reopened;
  CREATE TRIGGER device_deployment_reopened AFTER UPDATE OF finished_at ON device_deployment
    WHEN OLD.finished_at IS NOT NULL AND NEW.finished_at IS NULL BEGIN
    UPDATE deployment SET unfinished_count = unfinished_count + 1, finished_at = NULL,
      settled_count = settled_count - (OLD.admitted_at IS NOT NULL) WHERE id = NEW.deployment_id;
  END;

  CREATE TABLE saved_filter (
    name TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    terms TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
`
