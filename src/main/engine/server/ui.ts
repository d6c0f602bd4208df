import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import type { FastifyInstance } from 'fastify'
import type { ActionParts } from './actions.ts'
import { toAppError } from '../../contract/errors.ts'
import { type BrowserSession, registerSession } from './browser-session.ts'
import type { Login } from './login.ts'
import { requireSameOrigin, requireUser, userTokenOf, visitorOf } from './management-guard.ts'
import type { SocketWatch } from './websocket-pipe.ts'

/** Where a browser finds the app. */
export const UI_PATH = '/ui/'

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface UiParts extends Pick<ActionParts, 'store' | 'now'> {
  router: AnyRouter
  login: Login
  sockets: SocketWatch
  folder: string
}

/** Serves the renderer to browsers, and to who has logged in there the contract over a WebSocket. */
export async function mountUi(app: FastifyInstance, { router, sockets, folder, ...parts }: UiParts): Promise<void> {
  const { default: fastifyStatic } = await import('@fastify/static')
  const { login } = parts
  const handler = new RPCHandler(router)
  await app.register(async (scope) => {
    scope.decorateRequest('visitor', null)
    await scope.register(fastifyStatic, {
      root: folder,
      prefix: UI_PATH,
      setHeaders: (reply) => {
        reply.header('content-security-policy', POLICY)
        reply.header('x-content-type-options', 'nosniff')
        reply.header('referrer-policy', 'no-referrer')
      },
    })
    registerSession(scope, { ...parts, path: `${UI_PATH}session` } satisfies BrowserSession)
    scope.get(`${UI_PATH}rpc`, { websocket: true, preValidation: [requireSameOrigin, requireUser(login)] }, (socket, request) => {
      const [visitor, token] = [visitorOf(request), userTokenOf(request) ?? '']
      sockets.add(socket, () => refusal(login, token, visitor.user.role))
      void handler.upgrade(socket, { context: { isRemote: true, visitor, address: request.ip } })
    })
    scope.get('/', (_request, reply) => reply.redirect(UI_PATH))
  })
}

/** Why a connection has to end: the session has, or its user may other things now; the page connects again. */
function refusal(login: Login, token: string, role: string): string | null {
  try {
    return login.visitor(token).user.role === role ? null : 'The role of this user has changed'
  } catch (thrown) {
    return toAppError(thrown).message
  }
}
