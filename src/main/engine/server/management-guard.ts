import type { FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import type { ActionParts } from './actions.ts'
import type { DeviceLines } from '../connect/lines.ts'
import type { Login, Visitor } from './login.ts'
import type { SocketWatch } from './websocket-pipe.ts'

/** What the routes of the management API work with. */
export interface ManagementParts extends ActionParts {
  login: Login
  lines: DeviceLines
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
