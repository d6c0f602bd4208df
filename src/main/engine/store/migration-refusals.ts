/** Why devices were refused last, by identity and key: also of those that were never let in. */
export const REFUSAL_MIGRATION = `
  CREATE TABLE refusal (
    identity_hash TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    identity TEXT NOT NULL,
    address TEXT NOT NULL,
    reason TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (identity_hash, fingerprint)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refusal_by_age ON refusal (last_at);
`
