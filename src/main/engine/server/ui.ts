import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tellChanges } from '../../contract/live-changes.ts'
import type { ActionParts } from './actions.ts'
import { type BrowserSession, registerSession } from './browser-session.ts'
import type { Caller } from './caller.ts'
import type { Login } from './login.ts'
import type { MachineUploads } from './machine-uploads.ts'
import { requireSameOrigin, requireUser, visitorOf, whyEnded } from './management-guard.ts'
import { registerUpload } from './ui-upload.ts'
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
  /** Whether who has logged in uses this machine's files and drives as if they sat at it. */
  isMachineShared: boolean
  uploads: MachineUploads
}

/** Serves the renderer to browsers, and to who has logged in there the contract over a WebSocket. */
export async function mountUi(app: FastifyInstance, { router, folder, isMachineShared, ...parts }: UiParts): Promise<void> {
  const { default: fastifyStatic } = await import('@fastify/static')
  const { login, sockets } = parts
  function callerOf(request: FastifyRequest): Caller {
    const visitor = visitorOf(request)
    // Personal access tokens have a name, and are for programs.
    const isAtMachine = isMachineShared && visitor.token.name === ''
    return { isRemote: !isAtMachine, visitor, address: request.ip }
  }
  const handler = new RPCHandler(router, { clientInterceptors: [tellChanges] })
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
    registerUpload(scope, `${UI_PATH}upload`, { ...parts, callerOf })
    scope.get(`${UI_PATH}rpc`, { websocket: true, preValidation: [requireSameOrigin, requireUser(login)] }, (socket, request) => {
      sockets.add(socket, whyEnded(login, request))
      void handler.upgrade(socket, { context: callerOf(request) })
    })
    scope.get('/', (_request, reply) => reply.redirect(UI_PATH))
  })
}
