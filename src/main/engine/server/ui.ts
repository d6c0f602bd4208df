import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Login } from './login.ts'

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

const query = z.object({ token: z.string().default('') })

/** Serves the renderer to browsers, and to who holds a management token the contract over a WebSocket. */
export async function mountUi(
  app: FastifyInstance,
  { router, login, folder }: { router: AnyRouter; login: Login; folder: string },
): Promise<void> {
  const { default: fastifyStatic } = await import('@fastify/static')
  const handler = new RPCHandler(router)
  await app.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: folder,
      prefix: UI_PATH,
      setHeaders: (reply) => {
        reply.header('content-security-policy', POLICY)
        reply.header('x-content-type-options', 'nosniff')
        reply.header('referrer-policy', 'no-referrer')
      },
    })
    scope.get(
      `${UI_PATH}rpc`,
      { websocket: true, preValidation: async (request) => void login.visitor(query.parse(request.query).token) },
      (socket, request) => {
        const visitor = login.visitor(query.parse(request.query).token)
        void handler.upgrade(socket, { context: { isRemote: true, visitor, address: request.ip } })
      },
    )
    scope.get('/', (_request, reply) => reply.redirect(UI_PATH))
  })
}
