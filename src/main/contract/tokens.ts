import { z } from 'zod'
import { call, id, instant, live, nothing } from './operations.ts'

/**
 * What a token may do. `…:write` includes reading; `*:read` reads everything. A token without scopes may do what its user may. No scope
 * lets anybody make tokens, users or settings.
 */
export const tokenScope = z.enum([
  '*:read',
  'artifacts:read',
  'artifacts:write',
  'deployments:read',
  'deployments:write',
  'devices:read',
  'devices:write',
])
export type TokenScope = z.infer<typeof tokenScope>

/** A personal access token, as it can be shown: the token itself is not kept. */
export const accessToken = z.object({
  id,
  name: z.string(),
  scopes: z.array(tokenScope),
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: instant.nullable(),
})
export type AccessToken = z.infer<typeof accessToken>

export const tokens = {
  /** Those of whoever asks, the oldest first. */
  list: live(nothing, z.array(accessToken)),
  /** Answers the token this once. It lasts a year at most. */
  create: call(
    z.object({
      name: z.string().trim().min(1).max(255),
      scopes: z.array(tokenScope).default([]),
      expiresInMs: z.number().int().positive().nullable().default(null),
    }),
    z.object({ token: z.string() }),
  ),
  revoke: call(z.object({ id }), nothing),
}
