import { z } from 'zod'
import { call, id, instant, live, nothing } from './operations.ts'
import { userRole } from './roles.ts'

/** The user who is always there, so that somebody may everything. */
export const ADMIN = 'admin'
/** So many characters a password has at least, as with Mender. */
export const MIN_PASSWORD = 8

export const userName = z.string().trim().min(1).max(255)
const password = z.string().max(1024)

/** Who may log in to the page, the command line and the management API. */
export const user = z.object({
  id,
  name: z.string(),
  role: userRole,
  createdAt: instant,
  lastLoginAt: instant.nullable(),
  /** Logins that have not ended. */
  sessionCount: z.number().int(),
})
export type User = z.infer<typeof user>

/** A login that has not ended. */
export const session = z.object({
  id,
  userName: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
  expiresAt: instant,
  isOwn: z.boolean(),
})

/** Other people: an engineer's. */
export const users = {
  /** The oldest first. */
  list: live(nothing, z.array(user)),
  add: call(z.object({ name: userName, password, role: userRole }), z.object({ id })),
  setRole: call(z.object({ id, role: userRole }), nothing),
  /** Ends the user's sessions. */
  setPassword: call(z.object({ id, password }), nothing),
  /** With sessions and tokens. */
  remove: call(z.object({ id }), nothing),
  /** The newest first. */
  sessions: live(nothing, z.array(session)),
  endSession: call(z.object({ id }), nothing),
}

/** Whoever asks. */
export const account = {
  self: live(
    nothing,
    z.object({
      /** null on this machine, where nobody has to log in. */
      name: z.string().nullable(),
      role: userRole,
      /** Whether the files, drives and lines of the engine's machine are for whoever asks. */
      hasMachine: z.boolean(),
    }),
  ),
  setPassword: call(z.object({ currentPassword: password, password }), nothing),
}
