import type { FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { type Need, isAllowed, needOfRequest } from '../fleet/scopes.ts'
import type { ActionParts } from './actions.ts'
import { scopeRefusal } from './audit.ts'
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

/** A hook behind the one above: a token of some scopes may do what these say. */
export async function requireScope(request: FastifyRequest): Promise<void> {
  const visitor = visitorOf(request)
  const need = needOf(request)
  if (!isAllowed(visitor.token.scopes, need)) throw scopeRefusal(visitor, need)
}

/** What a request to the management API needs, and whether it changes anything. */
export function needOf({ method, routeOptions, url }: FastifyRequest): Need {
  return needOfRequest(method, (routeOptions.url ?? url).replace(/^\/api\/management\/v\d+(alpha\d+)?\//, ''))
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
function cookieToken({ headers }: FastifyRequest): string | null {
  const { 'sec-fetch-site': site, origin } = headers
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return null
  // WebSockets come without that header where the page is not secure, but never without their origin.
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== headers.host)) return null
  return /(?:^|; *)JWT=([^;\s]+)/.exec(headers.cookie ?? '')?.[1] ?? null
}
