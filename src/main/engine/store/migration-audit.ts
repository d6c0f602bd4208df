/** Who ordered what, and tokens that may not everything. */
export const AUDIT_MIGRATION = `
  ALTER TABLE access_token ADD COLUMN scopes TEXT NOT NULL DEFAULT '[]';
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    token TEXT NOT NULL,
    address TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_age ON audit (at);
`
