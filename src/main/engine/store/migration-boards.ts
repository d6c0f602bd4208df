/** Virtual boards; what they have on disk lies in a folder of their name. */
export const BOARD_MIGRATION = `
  CREATE TABLE board (
    name TEXT PRIMARY KEY,
    mac TEXT NOT NULL UNIQUE,
    memory_mib INTEGER NOT NULL,
    -- How long an update that is tried may say nothing before the power is cut.
    silence_ms INTEGER NOT NULL,
    ssh_port INTEGER NOT NULL,
    -- As its card says; NULL for a card that was made elsewhere.
    server_url TEXT,
    -- Of its SSH server, as a line of known_hosts has it; NULL where it made it itself.
    host_key TEXT,
    is_on INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
  ) STRICT;
`
