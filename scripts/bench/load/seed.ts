import Database from 'better-sqlite3'
import type { ArtifactContent } from '../../../src/main/contract/artifacts.ts'
import { defineMigrationFunctions } from '../../../src/main/engine/store/migration-numbers.ts'
import { openStore } from '../../../src/main/engine/store/open.ts'

const PEM_LENGTH = 178

/** Rows counted by `i`, with ids that come in no order, as those of real devices do. */
const DEVICES = `
  WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :size)
  INSERT INTO device (id, identity_hash, identity, status, device_type, artifact_name, created_at, updated_at)
  SELECT printf('%08x-0000-4000-8000-%012x', (i * 2654435761) & 0xffffffff, i), printf('%032x%032x', i * 2654435761, i),
    printf('{"mac":"02:00:%08x"}', i), 'accepted', 'board', 'v1', :at + i, :at + i FROM n`
const AUTHSETS = `
  INSERT INTO authset SELECT id || '-key', id, printf('%.*c', ${PEM_LENGTH}, 'A'), identity_hash, 'ED25519', 'accepted', created_at FROM device`
/** Six of each device: its identity, two that all share, one of a thousand values, one of a hundred numbers, one of its own. */
const ATTRIBUTES = `
  INSERT INTO attribute_name (scope, name, device_count) SELECT column1, column2, :size FROM (VALUES
    ('identity', 'mac'), ('inventory', 'artifact_name'), ('inventory', 'device_type'), ('inventory', 'load'), ('inventory', 'serial'), ('inventory', 'site'));
  CREATE TEMP TABLE given AS SELECT device.number AS device, n.id AS name,
    CASE n.name WHEN 'site' THEN printf('"site-%d"', device.number % 1000) WHEN 'load' THEN printf('"%d"', device.number % 100)
      WHEN 'serial' THEN printf('"SN-%d"', device.number) WHEN 'mac' THEN json_quote(device.identity ->> 'mac')
      WHEN 'device_type' THEN '"board"' ELSE '"v1"' END AS value
  FROM device CROSS JOIN attribute_name n;
  INSERT INTO attribute_value (name, value, sort_key, variant) SELECT name, value, value_key(value), value_variant(value)
    FROM (SELECT DISTINCT name, value FROM given);
  INSERT INTO attribute SELECT given.device, given.name, v.id, 1700000000000 FROM given
    JOIN attribute_value v ON v.name = given.name AND v.sort_key = value_key(given.value) AND v.variant = value_variant(given.value)
    ORDER BY given.device, given.name;
  INSERT INTO value_text (rowid, words) SELECT id, value_words(value) FROM attribute_value;`

/** Of an artifact `v2` for the device type `board`. */
export const CONTENT: ArtifactContent = {
  ...{ formatVersion: 3, name: 'v2', group: null, deviceTypes: ['board'], payloadType: 'rootfs-image', compression: 'none' },
  ...{ dependsNames: [], dependsGroups: [], provides: { 'rootfs-image.version': 'v2' }, depends: {}, clearsProvides: null },
  ...{ scripts: [], metaData: null, files: [], signature: { present: false, verifiedBy: null }, warnings: [] },
}

/** A database of that many accepted devices with their keys and inventory, and the artifact `v2`, whose file is not there. */
export function seedDatabase(path: string, size: number): void {
  const store = openStore(path)
  store.artifacts.add({
    ...{ id: 'v2', description: '', addedAt: 1, updatedAt: 1, isGenerated: false },
    ...{ sizeBytes: 1, sha256: 'a'.repeat(64), content: CONTENT },
  })
  store.close()
  const db = new Database(path)
  // Nobody else has it, and what fails is made anew: no journal.
  for (const pragma of ['journal_mode = DELETE', 'journal_mode = OFF', 'synchronous = OFF', 'cache_size = -400000']) db.pragma(pragma)
  db.transaction(() => {
    db.prepare(DEVICES).run({ size, at: 1_700_000_000_000 })
    db.exec(AUTHSETS)
    defineMigrationFunctions(db)
    db.exec(ATTRIBUTES.replace(':size', String(size)))
  })()
  db.close()
}

/** Ids of up to `limit` devices, spread over all. */
export function seededIds(path: string, limit: number): string[] {
  const db = new Database(path, { readonly: true })
  const { n } = db.prepare<[], { n: number }>('SELECT max(number) AS n FROM device').get() ?? { n: 0 }
  const rows = db.prepare<[number], { id: string }>('SELECT id FROM device WHERE number % ? = 0').all(Math.max(1, Math.floor(n / limit)))
  db.close()
  return rows.map(({ id }) => id)
}

// Run as a program it seeds in a process of its own, whose memory is not that of what is measured.
if (import.meta.main) seedDatabase(process.argv[2] ?? '', Number(process.argv[3]))
