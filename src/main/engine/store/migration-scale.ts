import { event } from './migration-webhooks.ts'

/** What a bench of a million devices needs: deployments that are filled slice by slice, and inventory that is searched by value. */
export const SCALE_MIGRATION = `
  -- 1 as long as devices are still being put into it: nobody sees it, no device gets it, and it is taken back at the next start.
  ALTER TABLE deployment ADD COLUMN is_filling INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX deployment_filling ON deployment (id) WHERE is_filling = 1;
  -- Counted once for all devices that are added together.
  DROP TRIGGER device_deployment_added;
  DROP TRIGGER event_deployment_created;
  ${event('deployment_created', 'AFTER INSERT ON deployment', { when: 'NEW.is_filling = 0', values: "'deployment-created', NULL, NEW.id, 'pending'" })}
  ${event('deployment_filled', 'AFTER UPDATE OF is_filling ON deployment', {
    when: 'OLD.is_filling = 1 AND NEW.is_filling = 0',
    values: "'deployment-created', NULL, NEW.id, 'pending'",
  })}
  CREATE INDEX attribute_by_value ON attribute (scope, name, value);
`

/** Whether an artifact was ever given to a device is looked up by index, in which devices that were given none take no room. */
export const ARTIFACT_USE_MIGRATION = `
  DROP INDEX device_deployment_by_artifact;
  CREATE INDEX device_deployment_by_artifact ON device_deployment (artifact_id) WHERE artifact_id IS NOT NULL;
`
