import type { FastifyRequest } from 'fastify'
import { AppError, toAppError } from '../../contract/errors.ts'
import { type Need, isAllowed, needOfRequest, roleOfRequest } from '../fleet/scopes.ts'
import type { ActionParts } from './actions.ts'
import { refuseByRole, scopeRefusal } from './audit.ts'
import type { DeviceLines } from '../connect/lines.ts'
import type { Login, Visitor } from './login.ts'
import type { Recordings } from './recordings.ts'
import type { SocketWatch } from './websocket-pipe.ts'

/** What the routes of the management API work with. */
export interface ManagementParts extends ActionParts {
  login: Login
  lines: DeviceLines
  recordings: Recordings
  sockets: SocketWatch
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on guarded routes. */
    visitor: Visitor | null
  }
}

/** A hook that lets only management users in: by a Bearer token, or by the cookie `JWT` of a page of this server. */
export function requireUser(login: Login): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    const token = userTokenOf(request)
    if (token === null)
      throw new AppError('LOGIN_REFUSED', 'This needs a token', 'Log in, and send the token as Authorization: Bearer TOKEN.')
    request.visitor = login.visitor(token)
  }
}

/** A hook behind the one above: a user may do what the role says, and a token of some scopes what these say. */
export async function requireScope(request: FastifyRequest): Promise<void> {
  const visitor = visitorOf(request)
  refuseByRole(visitor, roleOfRequest(request.method, pathOf(request)))
  const need = needOf(request)
  if (!isAllowed(visitor.token.scopes, need)) throw scopeRefusal(visitor, need)
}

/** What a request to the management API needs, and whether it changes anything. */
export function needOf(request: FastifyRequest): Need {
  return needOfRequest(request.method, pathOf(request))
}

/** Of its route, behind the version. */
function pathOf({ routeOptions, url }: FastifyRequest): string {
  return (routeOptions.url ?? url).replace(/^\/api\/management\/v\d+(alpha\d+)?\//, '')
}

/** Why a connection that this request has opened has to end: the session has, or its user may other things now; null while all is well. */
export function whyEnded(login: Login, request: FastifyRequest): () => string | null {
  const [token, { role }] = [userTokenOf(request) ?? '', visitorOf(request).user]
  return () => {
    try {
      return login.visitor(token).user.role === role ? null : 'The role of this user has changed'
    } catch (thrown) {
      return toAppError(thrown).message
    }
  }
}

/** Who a guarded request comes from. */
export function visitorOf({ visitor }: FastifyRequest): Visitor {
  if (!visitor) throw new AppError('LOGIN_REFUSED', 'This needs a token', 'Log in first.')
  return visitor
}

/** The token that a request brings; null when it brings none. */
export function userTokenOf(request: FastifyRequest): string | null {
  return bearerToken(request) ?? cookieToken(request)
}

function bearerToken({ headers }: FastifyRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null
}

/** Only from pages of this server: a browser sends cookies along with what other sites make it ask. */
function cookieToken(request: FastifyRequest): string | null {
  if (isForeign(request)) return null
  const cookies = new Map(
    (request.headers.cookie ?? '').split(/; */).map((each): [string, string] => {
      const equals = each.indexOf('=')
      return [each.slice(0, Math.max(0, equals)), each.slice(equals + 1)]
    }),
  )
  const token = cookies.get(cookieName(request)) ?? cookies.get('JWT') ?? ''
  return token === '' ? null : token
}

/** What the page's session is kept in. Under the one for https no page of plain http can put another. */
export function cookieName({ protocol }: FastifyRequest): string {
  return protocol === 'https' ? '__Host-otabench' : 'otabench'
}

function isForeign({ headers }: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, origin } = headers
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  // WebSockets come without that header where the page is not secure, but never without their origin.
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host)
}

/** A hook for what only pages of this server ask: a request that says that it comes from elsewhere, or does not say, is refused. */
export async function requireSameOrigin(request: FastifyRequest): Promise<void> {
  if (isForeign(request) || (request.headers.origin === undefined && request.headers.authorization === undefined))
    throw new AppError('PERMISSION', 'This is for pages of this server only', 'Open the address that otabench serve prints.')
}
