import type { SigningKey } from '../../contract/keys.ts'
import type { Changes } from '../lib/changes.ts'
import { type Db, toBit } from './db.ts'

interface KeyRow {
  id: string
  name: string
  algorithm: string
  fingerprint: string
  public_key_pem: string
  has_private_key: number
  created_at: number
}

function toKey(row: KeyRow): SigningKey {
  const { id, name, algorithm, fingerprint } = row
  return {
    id,
    name,
    algorithm,
    fingerprint,
    publicKeyPem: row.public_key_pem,
    hasPrivateKey: row.has_private_key === 1,
    createdAt: row.created_at,
  }
}

/** Public facts of signing keys. The private halves are files of mode 0600 and never come here. */
export function keyTable(db: Db, changes: Changes) {
  const selectAll = db.prepare<[], KeyRow>('SELECT * FROM signing_key ORDER BY name')
  const selectOne = db.prepare<[string], KeyRow>('SELECT * FROM signing_key WHERE id = ?')
  const insert = db.prepare(`
    INSERT INTO signing_key VALUES (:id, :name, :algorithm, :fingerprint, :publicKeyPem, :hasPrivateKey, :createdAt)`)
  const rename = db.prepare<[string, string]>('UPDATE signing_key SET name = ? WHERE id = ?')
  const remove = db.prepare<[string]>('DELETE FROM signing_key WHERE id = ?')
  return {
    list: (): SigningKey[] => selectAll.all().map(toKey),
    get(id: string): SigningKey | null {
      const row = selectOne.get(id)
      return row ? toKey(row) : null
    },
    /** Name and fingerprint must be new; the caller has looked. */
    add(key: SigningKey): void {
      insert.run({ ...key, hasPrivateKey: toBit(key.hasPrivateKey) })
      changes.bump()
    },
    /** The name must be new; the caller has looked. */
    rename(id: string, name: string): void {
      rename.run(name, id)
      changes.bump()
    },
    remove(id: string): void {
      remove.run(id)
      changes.bump()
    },
  }
}
