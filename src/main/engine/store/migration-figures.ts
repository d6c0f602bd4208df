/** What changes by day or by month is told this finely at first; housekeeping makes it coarser with age. */
const FRESH_STEP_MS = 10_000

const NOW = `CAST(unixepoch('subsec') * 1000 AS INTEGER) / ${FRESH_STEP_MS} * ${FRESH_STEP_MS}`
const FACTS = ['status', 'artifact_name', 'device_type', 'group_name'] as const

/** One device more or less that runs what it says, in the step of time that is now. */
function counted(row: 'NEW' | 'OLD', delta: 1 | -1): string {
  return `INSERT INTO version_change
    SELECT ${NOW}, coalesce(${row}.device_type, ''), coalesce(${row}.group_name, ''), ${row}.artifact_name, ${delta}
    WHERE ${row}.status = 'accepted' AND ${row}.artifact_name IS NOT NULL
    ON CONFLICT DO UPDATE SET delta = delta + excluded.delta;`
}

const listed = (row: string): string => `(${FACTS.map((fact) => `${row}.${fact}`).join(', ')})`

/** What is drawn over time: how fast artifacts went out, what devices ran, how they polled, at which try they failed and why. */
export const FIGURE_MIGRATION = `
  -- Bytes sent in steps of equal length; device 0 stands for all of the deployment together. bytes is a JSON list.
  CREATE TABLE download_series (
    deployment_id TEXT NOT NULL REFERENCES deployment (id) ON DELETE CASCADE,
    device INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    step_ms INTEGER NOT NULL,
    bytes TEXT NOT NULL,
    PRIMARY KEY (deployment_id, device)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX download_series_by_age ON download_series (start_at);

  CREATE TABLE failed_attempt (
    deployment_id TEXT NOT NULL,
    device INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    why TEXT NOT NULL,
    -- The last line of the timeline that belongs to it.
    entry_id INTEGER NOT NULL,
    PRIMARY KEY (deployment_id, device, attempt),
    FOREIGN KEY (deployment_id, device) REFERENCES device_deployment (deployment_id, device) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  -- Milliseconds between the last polls of a device, as 32-bit numbers: below zero where it was updated in between.
  CREATE TABLE poll_gap (device INTEGER PRIMARY KEY REFERENCES device (number) ON DELETE CASCADE, gaps BLOB NOT NULL) STRICT;

  -- Accepted devices that run an artifact, as changes: the sum up to a time is how many there were. '' where nothing was said.
  CREATE TABLE version_change (
    at INTEGER NOT NULL,
    device_type TEXT NOT NULL,
    group_name TEXT NOT NULL,
    artifact_name TEXT NOT NULL,
    delta INTEGER NOT NULL,
    PRIMARY KEY (at, device_type, group_name, artifact_name)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO version_change
    SELECT ${NOW}, coalesce(device_type, ''), coalesce(group_name, ''), artifact_name, count(*) FROM device
    WHERE status = 'accepted' AND artifact_name IS NOT NULL GROUP BY 2, 3, 4;
  CREATE TRIGGER version_added AFTER INSERT ON device BEGIN
    ${counted('NEW', 1)}
  END;
  CREATE TRIGGER version_moved AFTER UPDATE OF ${FACTS.join(', ')} ON device WHEN ${listed('OLD')} IS NOT ${listed('NEW')} BEGIN
    ${counted('OLD', -1)}
    ${counted('NEW', 1)}
  END;
  CREATE TRIGGER version_removed AFTER DELETE ON device BEGIN
    ${counted('OLD', -1)}
  END;
`
