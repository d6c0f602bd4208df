import { type KeyObject, createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { TokenScope } from '../../contract/tokens.ts'
import { ADMIN } from '../../contract/users.ts'
import type { Clock } from '../host.ts'
import type { Store } from '../store/open.ts'
import type { AccessToken, User } from '../store/users.ts'
import { readJwt, signJwt } from './jwt.ts'
import { openThrottle } from './login-throttle.ts'
import { NO_PASSWORD, hashPassword, isPassword } from './password.ts'
import { ownSecret } from './secret.ts'

export interface LoginParts {
  store: Store
  clock: Clock
}

const DAY_MS = 86_400_000
const SESSION_MS = 7 * DAY_MS
/** The longest that any token lasts. */
const MAX_TOKEN_MS = 365 * DAY_MS
const MAX_TOKENS = 20
const TOUCH_AFTER_MS = 60_000

/**
 * Makes sure that there is an `admin` who can log in. A password that is given replaces a different one and ends the sessions that
 * were opened with it; without one, the first start makes a random one and answers it, to be shown once.
 */
export async function ensureAdmin({
  store,
  clock,
  password,
}: LoginParts & { password?: string | undefined }): Promise<{ createdPassword?: string }> {
  const admin = store.users.byName(ADMIN)
  if (!admin) {
    const first = password ?? randomBytes(15).toString('base64url')
    store.users.add({ id: randomUUID(), name: ADMIN, role: 'engineer', passwordHash: await hashPassword(first), createdAt: clock.now() })
    return password === undefined ? { createdPassword: first } : {}
  }
  if (password !== undefined && !(await isPassword(password, admin.passwordHash)))
    store.users.setPasswordHash(admin.id, await hashPassword(password), clock.now())
  return {}
}

/** Who a request comes from, and by which token. */
export interface Visitor {
  user: User
  token: AccessToken
}

/**
 * `aud` sets these tokens apart from a device's, besides the secret of their own; each one is a row too, so that it ends when the
 * row goes.
 */
const claims = z.object({ aud: z.literal('management'), jti: z.string(), sub: z.string(), exp: z.number() })

/** Login, sessions and personal access tokens of management users. */
export function openLogin({ store, clock }: LoginParts) {
  const secret = ownSecret(store, 'server.managementSecret')
  const throttle = openThrottle(clock)
  const issue = openIssuer({ store, clock, secret })

  return {
    /** Signs links that are a permission by themselves. */
    linkSecret: createHmac('sha256', secret).update('links').digest(),

    /** A session's token for a right name and password; LOGIN_REFUSED otherwise, later and later for each wrong guess from one address, and at last not at all for a while. */
    async login(name: string, password: string, { address, isLong }: { address: string; isLong: boolean }): Promise<string> {
      const succeed = await throttle(address, name)
      const user = store.users.byName(name)
      const isRight = await isPassword(password, user?.passwordHash ?? NO_PASSWORD)
      // Looked at again: the password may have been changed meanwhile, which ends all sessions.
      if (!user || !isRight || store.users.get(user.id)?.passwordHash !== user.passwordHash)
        throw new AppError(
          'LOGIN_REFUSED',
          'The user name or the password is wrong',
          `The first user is ${ADMIN}; OTABENCH_ADMIN_PASSWORD sets its password.`,
        )
      succeed()
      store.users.loggedIn(user.id, clock.now())
      return issue(user.id, { name: '', scopes: [], expiresAt: clock.now() + (isLong ? MAX_TOKEN_MS : SESSION_MS) })
    },

    /** Who holds this token; LOGIN_REFUSED when it is unknown, ended or of another kind. */
    visitor(text: string): Visitor {
      const read = readJwt(secret, text, claims)
      const token = read && store.users.token(read.jti)
      const user = token && store.users.get(token.userId)
      const now = clock.now()
      if (!token || !user || token.expiresAt <= now || token.tokenHash !== hashOf(text))
        throw new AppError(
          'LOGIN_REFUSED',
          'The token is unknown, expired or not one of a management user',
          'Log in again, or use another access token.',
        )
      if (now - (token.lastUsedAt ?? 0) > TOUCH_AFTER_MS) store.users.touchToken(token.id, now)
      return { user, token }
    },

    /** The user who is always there: in whose name this machine acts. */
    admin: () => adminOf(store),

    /** A session of the admin, for the page whose address this program prints to who started it. */
    adminSession: (): string => issue(adminOf(store).id, { name: '', scopes: [], expiresAt: clock.now() + SESSION_MS }),

    /** Logins that have not ended, of all users, the newest first. */
    sessions: (): AccessToken[] => store.users.sessions(clock.now()),
    /** Answers whether there was one. */
    endSession(id: string): boolean {
      const token = store.users.token(id)
      return token?.name === '' && store.users.removeToken(id, token.userId)
    },
    logout: ({ user, token }: Visitor): void => void store.users.removeToken(token.id, user.id),

    ...personalTokens({ store, clock, issue }),
  }
}

export type Login = ReturnType<typeof openLogin>

function adminOf(store: Store): User {
  const admin = store.users.byName(ADMIN)
  if (!admin) throw new AppError('INTERNAL', `There is no user ${ADMIN}`)
  return admin
}

function personalTokens({ store, clock, issue }: LoginParts & { issue: ReturnType<typeof openIssuer> }) {
  return {
    /** A token for a program. CONFLICT when the name is taken; BAD_INPUT at the limit of tokens. */
    createToken(
      { user }: Pick<Visitor, 'user'>,
      { name, expiresInMs, scopes = [] }: { name: string; expiresInMs: number | null; scopes?: TokenScope[] },
    ): string {
      const tokens = store.users.personalTokens(user.id)
      if (tokens.some((token) => token.name === name))
        throw new AppError('CONFLICT', `There is an access token named ${name} already`, 'Choose another name, or revoke that one.')
      if (tokens.length >= MAX_TOKENS)
        throw new AppError('BAD_INPUT', `There are ${MAX_TOKENS} access tokens already`, 'Revoke one that is no longer used.')
      return issue(user.id, { name, scopes, expiresAt: clock.now() + Math.min(expiresInMs ?? MAX_TOKEN_MS, MAX_TOKEN_MS) })
    },
    tokens: ({ user }: Pick<Visitor, 'user'>): AccessToken[] => store.users.personalTokens(user.id),
    revokeToken: ({ user }: Pick<Visitor, 'user'>, id: string): boolean => store.users.removeToken(id, user.id),
  }
}

/** How a token is made: a row of the table, and the text that names it. */
function openIssuer({ store, clock, secret }: LoginParts & { secret: KeyObject }) {
  return (userId: string, { name, scopes, expiresAt }: { name: string; scopes: TokenScope[]; expiresAt: number }): string => {
    const now = clock.now()
    const id = randomUUID()
    const exp = Math.floor(expiresAt / 1000)
    const token = signJwt(secret, {
      iss: 'OTA Bench',
      aud: 'management',
      jti: id,
      sub: userId,
      iat: Math.floor(now / 1000),
      exp,
      'mender.user': true,
    })
    store.users.addToken({ id, userId, name, scopes, tokenHash: hashOf(token), createdAt: now, expiresAt: exp * 1000, lastUsedAt: null })
    return token
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
