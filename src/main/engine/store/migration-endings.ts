/** Deployments that are ended on many devices, which takes a while: whoever asks meanwhile is told of the end already. */
export const ENDING_MIGRATION = `
  -- Why it is being ended on those that have not finished; NULL while it is not.
  ALTER TABLE deployment ADD COLUMN ending_why TEXT;
  -- 1 when those that have begun go on.
  ALTER TABLE deployment ADD COLUMN ending_spares_begun INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX deployment_ending ON deployment (id) WHERE ending_why IS NOT NULL;
`

/** Devices that somebody has named are found by that. */
export const NAME_MIGRATION = `
  CREATE INDEX device_named ON device (nickname) WHERE nickname <> '';
`
