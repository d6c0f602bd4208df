import { z } from 'zod'
import { tokenScope } from '../../contract/tokens.ts'
import type { AccessToken, User } from '../store/users.ts'
import { toTime } from './wire-management.ts'

/** Of a login. Without a body there are none. */
export const loginOptions = z.object({ no_expiry: z.boolean().default(false) }).optional()

const name = z.string().trim().min(1).max(255)
const password = z.string().max(1024)
/** Mender calls the login name `email`. */
export const newUserBody = z.object({ email: name, password }).transform(({ email, ...rest }) => ({ name: email, ...rest }))
export const userBody = z
  .object({ email: name.optional(), password: password.optional(), current_password: password.optional() })
  .transform((body) => ({
    name: body.email ?? null,
    password: body.password ?? null,
    currentPassword: body.current_password ?? null,
  }))

const seconds = z.coerce
  .number()
  .transform((value) => value * 1000)
  .optional()
const oneOrMore = z.union([z.array(z.string()), z.string().transform((one) => [one])]).optional()
export const userQuery = z
  .object({
    id: oneOrMore,
    email: oneOrMore,
    created_after: seconds,
    created_before: seconds,
    updated_after: seconds,
    updated_before: seconds,
  })
  .transform(({ id: ids, email: names, ...times }) => ({
    ...{ ids, names },
    created: { after: times.created_after ?? Number.NEGATIVE_INFINITY, before: times.created_before ?? Number.POSITIVE_INFINITY },
    updated: { after: times.updated_after ?? Number.NEGATIVE_INFINITY, before: times.updated_before ?? Number.POSITIVE_INFINITY },
  }))

export function userJson({ id, name: email, createdAt, updatedAt, lastLoginAt }: User) {
  const login = lastLoginAt === null ? {} : { login_ts: toTime(lastLoginAt) }
  return { id, email, created_ts: toTime(createdAt), updated_ts: toTime(updatedAt), ...login }
}

/** `expires_in` is in seconds; 0 means as long as may be, as with Mender. `scopes` is this server's own. */
export const newTokenBody = z
  .object({ name, expires_in: z.number().int().min(0).optional(), scopes: z.array(tokenScope).default([]) })
  .transform(({ expires_in, ...rest }) => ({ ...rest, expiresInMs: expires_in ? expires_in * 1000 : null }))

export function tokenJson({ id, name: tokenName, scopes, createdAt, expiresAt, lastUsedAt }: AccessToken) {
  const lastUsed = lastUsedAt === null ? {} : { last_used: toTime(lastUsedAt) }
  return { id, name: tokenName, scopes, created_ts: toTime(createdAt), expiration_date: toTime(expiresAt), ...lastUsed }
}

/** Any object: clients keep there what they like. */
export const settingsBody = z.record(z.string(), z.json())
