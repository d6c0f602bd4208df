/** What each user may do. Who was there before could do everything. */
export const ROLE_MIGRATION = `
  ALTER TABLE user ADD COLUMN role TEXT NOT NULL DEFAULT 'engineer' CHECK (role IN ('viewer', 'operator', 'engineer'));
`
