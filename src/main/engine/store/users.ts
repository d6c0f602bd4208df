import type { Db } from './db.ts'

export interface User {
  id: string
  /** The login name. */
  name: string
  passwordHash: string
  createdAt: number
}

/** What lets somebody in without the password: a login's session (its name is empty) or a personal access token. */
export interface AccessToken {
  id: string
  userId: string
  name: string
  /** SHA-256 of the token, lower hex: the token itself is not kept. */
  tokenHash: string
  createdAt: number
  expiresAt: number
  lastUsedAt: number | null
}

interface UserRow {
  id: string
  name: string
  password_hash: string
  created_at: number
}

interface TokenRow {
  id: string
  user_id: string
  name: string
  token_hash: string
  created_at: number
  expires_at: number
  last_used_at: number | null
}

const toUser = (row: UserRow): User => ({ id: row.id, name: row.name, passwordHash: row.password_hash, createdAt: row.created_at })

function toToken(row: TokenRow): AccessToken {
  const { id, name } = row
  return {
    id,
    name,
    userId: row.user_id,
    tokenHash: row.token_hash,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}

/** Who may manage, and what they hold to prove it. */
export function userTable(db: Db) {
  const selectUser = db.prepare<[string], UserRow>('SELECT * FROM user WHERE id = ?')
  const selectName = db.prepare<[string], UserRow>('SELECT * FROM user WHERE name = ?')
  const insertUser = db.prepare('INSERT INTO user VALUES (:id, :name, :passwordHash, :createdAt)')
  const setHash = db.prepare<[string, string]>('UPDATE user SET password_hash = ? WHERE id = ?')
  const selectToken = db.prepare<[string], TokenRow>('SELECT * FROM access_token WHERE id = ?')
  const selectPersonal = db.prepare<[string], TokenRow>(
    `SELECT * FROM access_token WHERE user_id = ? AND name <> '' ORDER BY created_at, id`,
  )
  const insertToken = db.prepare('INSERT INTO access_token VALUES (:id, :userId, :name, :tokenHash, :createdAt, :expiresAt, :lastUsedAt)')
  const touch = db.prepare<[number, string]>('UPDATE access_token SET last_used_at = ? WHERE id = ?')
  const removeToken = db.prepare<[string, string]>('DELETE FROM access_token WHERE id = ? AND user_id = ?')
  const removeSessions = db.prepare<[string]>(`DELETE FROM access_token WHERE user_id = ? AND name = ''`)
  const removeExpired = db.prepare<[number]>('DELETE FROM access_token WHERE expires_at <= ?')
  return {
    get(id: string): User | null {
      const row = selectUser.get(id)
      return row ? toUser(row) : null
    },
    byName(name: string): User | null {
      const row = selectName.get(name)
      return row ? toUser(row) : null
    },
    add: (user: User): void => void insertUser.run(user),
    /** Ends every session too; personal access tokens stay. */
    setPasswordHash(id: string, passwordHash: string): void {
      db.transaction(() => {
        setHash.run(passwordHash, id)
        removeSessions.run(id)
      })()
    },
    token(id: string): AccessToken | null {
      const row = selectToken.get(id)
      return row ? toToken(row) : null
    },
    /** Personal access tokens, the oldest first; sessions are not among them. */
    personalTokens: (userId: string): AccessToken[] => selectPersonal.all(userId).map(toToken),
    /** Forgets what has expired by `token.createdAt`, so that sessions do not gather. */
    addToken(token: AccessToken): void {
      db.transaction(() => {
        removeExpired.run(token.createdAt)
        insertToken.run(token)
      })()
    },
    touchToken: (id: string, at: number): void => void touch.run(at, id),
    /** Answers whether there was one. */
    removeToken: (id: string, userId: string): boolean => removeToken.run(id, userId).changes > 0,
  }
}
