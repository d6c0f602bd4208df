import { type ArtifactContent, artifactContent } from '../../contract/artifacts.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, readJson, toBit } from './db.ts'

/** An artifact of the library. Its bytes are a file named by its id in the artifact folder. */
export interface StoredArtifact {
  id: string
  description: string
  sizeBytes: number
  sha256: string
  content: ArtifactContent
  addedAt: number
  updatedAt: number
  /** Made for one deployment: it is in no list, and goes when that is over. */
  isGenerated?: boolean
}

interface ArtifactRow {
  id: string
  name: string
  description: string
  size_bytes: number
  sha256: string
  content: string
  added_at: number
  updated_at: number
}

function toArtifact(row: ArtifactRow): StoredArtifact {
  const { id, description, sha256 } = row
  const content = readJson(artifactContent, row.content, 'artifact')
  return { id, description, sha256, content, sizeBytes: row.size_bytes, addedAt: row.added_at, updatedAt: row.updated_at }
}

export function artifactTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], ArtifactRow>('SELECT * FROM artifact WHERE is_generated = 0 ORDER BY added_at DESC, id')
  const selectOver = db.prepare<[], { id: string }>(`
    SELECT id FROM artifact WHERE is_generated = 1 AND NOT EXISTS (
      SELECT 1 FROM deployment WHERE finished_at IS NULL AND artifact_name = artifact.name)`)
  const selectOne = db.prepare<[string], ArtifactRow>('SELECT * FROM artifact WHERE id = ?')
  const selectName = db.prepare<[string], ArtifactRow>('SELECT * FROM artifact WHERE name = ? ORDER BY size_bytes, id')
  const selectUse = db.prepare<[string], { n: number }>(`
    SELECT count(*) AS n FROM deployment WHERE finished_at IS NULL AND artifact_name = ?`)
  const selectActive = db.prepare<[string], { id: string }>(`
    SELECT id FROM deployment WHERE finished_at IS NULL AND artifact_name IN (SELECT value FROM json_each(?)) ORDER BY created_at, id`)
  const selectEverUsed = db.prepare<[string], { found: 1 }>('SELECT 1 AS found FROM device_deployment WHERE artifact_id = ? LIMIT 1')
  const insert = db.prepare(`
    INSERT INTO artifact (id, name, description, size_bytes, sha256, content, added_at, updated_at, is_generated)
    VALUES (:id, :name, :description, :sizeBytes, :sha256, :content, :addedAt, :addedAt, :generated)`)
  const insertType = db.prepare<[string, string]>('INSERT OR IGNORE INTO artifact_device_type VALUES (?, ?)')
  const describe = db.prepare<[string, number, string]>('UPDATE artifact SET description = ?, updated_at = ? WHERE id = ?')
  const setContent = db.prepare<[string, string]>('UPDATE artifact SET content = ? WHERE id = ?')
  const remove = db.prepare<[string]>('DELETE FROM artifact WHERE id = ?')
  return {
    /** The newest first. */
    list: (): StoredArtifact[] => selectAll.all().map(toArtifact),
    get(id: string): StoredArtifact | null {
      const row = selectOne.get(id)
      return row ? toArtifact(row) : null
    },
    /** Those that were made for a deployment that is over. */
    generatedAndOver: (): string[] => selectOver.all().map(({ id }) => id),
    /** All of one release, the smallest first: the order in which one is chosen for a device. */
    byName: (name: string): StoredArtifact[] => selectName.all(name).map(toArtifact),
    /** How many unfinished deployments name it. */
    activeDeploymentCount: (name: string): number => selectUse.get(name)?.n ?? 0,
    /** Unfinished deployments that name one of these, the oldest first. */
    activeDeploymentIds: (names: readonly string[]): string[] => selectActive.all(JSON.stringify(names)).map(({ id }) => id),
    /** Whether a device was ever offered it. */
    wasOffered: (id: string): boolean => selectEverUsed.get(id) !== undefined,
    /** Call it when the file is in its place, synced and checked. */
    add({ content, isGenerated = false, ...plain }: Omit<StoredArtifact, 'updatedAt'>): void {
      db.transaction(() => {
        insert.run({ ...plain, name: content.name, content: JSON.stringify(content), generated: toBit(isGenerated) })
        for (const deviceType of content.deviceTypes) insertType.run(plain.id, deviceType)
      })()
      changes.bump()
    },
    setDescription(id: string, description: string, at: number): void {
      describe.run(description, at, id)
      changes.bump()
    },
    /** Says anew which key proved its signature; the file has not changed. */
    setVerifiedBy({ id, content }: StoredArtifact, verifiedBy: string | null): void {
      setContent.run(JSON.stringify({ ...content, signature: { ...content.signature, verifiedBy } }), id)
      changes.bump()
    },
    remove(id: string): void {
      remove.run(id)
      changes.bump()
    },
  }
}
