import type { Changes } from '../lib/changes.ts'
import { z } from 'zod'
import { type UserRole, userRole } from '../../contract/roles.ts'
import { type TokenScope, tokenScope } from '../../contract/tokens.ts'
import { type Db, readJson } from './db.ts'

export interface User {
  id: string
  /** The login name. */
  name: string
  role: UserRole
  passwordHash: string
  createdAt: number
  updatedAt: number
  lastLoginAt: number | null
}

/** What lets somebody in without the password: a login's session (its name is empty) or a personal access token. */
export interface AccessToken {
  id: string
  userId: string
  name: string
  /** SHA-256 of the token, lower hex: the token itself is not kept. */
  tokenHash: string
  /** What it may do; empty for everything. */
  scopes: TokenScope[]
  createdAt: number
  expiresAt: number
  lastUsedAt: number | null
}

interface UserRow {
  id: string
  name: string
  role: string
  password_hash: string
  created_at: number
  updated_at: number
  last_login_at: number | null
}

interface TokenRow {
  id: string
  user_id: string
  name: string
  token_hash: string
  scopes: string
  created_at: number
  expires_at: number
  last_used_at: number | null
}

function toUser(row: UserRow): User {
  const { id, name } = row
  return {
    ...{ id, name, role: userRole.parse(row.role) },
    passwordHash: row.password_hash,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLoginAt: row.last_login_at,
  }
}

function toToken(row: TokenRow): AccessToken {
  const { id, name } = row
  return {
    id,
    name,
    userId: row.user_id,
    tokenHash: row.token_hash,
    scopes: readJson(z.array(tokenScope), row.scopes, 'access token'),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}

/** Who may manage, and what they hold to prove it. */
export function userTable(db: Db, credentials: Changes) {
  const selectUser = db.prepare<[string], UserRow>('SELECT * FROM user WHERE id = ?')
  const selectName = db.prepare<[string], UserRow>('SELECT * FROM user WHERE name = ?')
  const selectUsers = db.prepare<[], UserRow>('SELECT * FROM user ORDER BY created_at, id')
  const insertUser = db.prepare(
    'INSERT INTO user (id, name, role, password_hash, created_at, updated_at) VALUES (:id, :name, :role, :passwordHash, :createdAt, :createdAt)',
  )
  const setHash = db.prepare<[string, number, string]>('UPDATE user SET password_hash = ?, updated_at = ? WHERE id = ?')
  const setRole = db.prepare<[string, number, string]>('UPDATE user SET role = ?, updated_at = ? WHERE id = ?')
  const rename = db.prepare<[string, number, string]>('UPDATE user SET name = ?, updated_at = ? WHERE id = ?')
  const loggedIn = db.prepare<[number, string]>('UPDATE user SET last_login_at = ? WHERE id = ?')
  const remove = db.prepare<[string]>('DELETE FROM user WHERE id = ?')
  const removeSessions = db.prepare<[string]>(`DELETE FROM access_token WHERE user_id = ? AND name = ''`)
  return {
    get(id: string): User | null {
      const row = selectUser.get(id)
      return row ? toUser(row) : null
    },
    byName(name: string): User | null {
      const row = selectName.get(name)
      return row ? toUser(row) : null
    },
    /** The oldest first. */
    list: (): User[] => selectUsers.all().map(toUser),
    add(user: Pick<User, 'id' | 'name' | 'role' | 'passwordHash' | 'createdAt'>): void {
      insertUser.run(user)
      credentials.bump()
    },
    rename(id: string, name: string, at: number): void {
      rename.run(name, at, id)
      credentials.bump()
    },
    setRole(id: string, role: UserRole, at: number): void {
      setRole.run(role, at, id)
      credentials.bump()
    },
    loggedIn: (id: string, at: number): void => void loggedIn.run(at, id),
    /** With sessions and tokens. */
    remove(id: string): void {
      remove.run(id)
      credentials.bump()
    },
    /** Ends every session too; personal access tokens stay. */
    setPasswordHash(id: string, passwordHash: string, at: number): void {
      db.transaction(() => {
        setHash.run(passwordHash, at, id)
        removeSessions.run(id)
      })()
      credentials.bump()
    },
    ...tokenTable(db, credentials),
  }
}

function tokenTable(db: Db, credentials: Changes) {
  const selectToken = db.prepare<[string], TokenRow>('SELECT * FROM access_token WHERE id = ?')
  const selectPersonal = db.prepare<[string], TokenRow>(
    `SELECT * FROM access_token WHERE user_id = ? AND name <> '' ORDER BY created_at, id`,
  )
  const selectSessions = db.prepare<[number], TokenRow>(
    `SELECT * FROM access_token WHERE name = '' AND expires_at > ? ORDER BY created_at DESC, id`,
  )
  const insertToken = db.prepare(`
    INSERT INTO access_token (id, user_id, name, token_hash, scopes, created_at, expires_at, last_used_at)
    VALUES (:id, :userId, :name, :tokenHash, :scopes, :createdAt, :expiresAt, :lastUsedAt)`)
  const touch = db.prepare<[number, string]>('UPDATE access_token SET last_used_at = ? WHERE id = ?')
  const removeToken = db.prepare<[string, string]>('DELETE FROM access_token WHERE id = ? AND user_id = ?')
  const removeExpired = db.prepare<[number]>('DELETE FROM access_token WHERE expires_at <= ?')
  return {
    token(id: string): AccessToken | null {
      const row = selectToken.get(id)
      return row ? toToken(row) : null
    },
    /** Personal access tokens, the oldest first; sessions are not among them. */
    personalTokens: (userId: string): AccessToken[] => selectPersonal.all(userId).map(toToken),
    /** Sessions of all users that have not ended, the newest first. */
    sessions: (at: number): AccessToken[] => selectSessions.all(at).map(toToken),
    /** Forgets what has expired by `token.createdAt`, so that sessions do not gather. */
    addToken(token: AccessToken): void {
      db.transaction(() => {
        removeExpired.run(token.createdAt)
        insertToken.run({ ...token, scopes: JSON.stringify(token.scopes) })
      })()
      credentials.bump()
    },
    touchToken: (id: string, at: number): void => void touch.run(at, id),
    /** Answers whether there was one. */
    removeToken(id: string, userId: string): boolean {
      const isRemoved = removeToken.run(id, userId).changes > 0
      credentials.bump()
      return isRemoved
    },
  }
}
