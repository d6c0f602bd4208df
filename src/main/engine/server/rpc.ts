import type { ServerResponse } from 'node:http'
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fastify'
import type { FastifyInstance } from 'fastify'
import type { Login } from './login.ts'
import { requireUser, visitorOf, whyEnded } from './management-guard.ts'
import type { SocketWatch } from './websocket-pipe.ts'

/** Where the engine's own operations are served over HTTP, for `otabench --server`. */
export const RPC_PATH = '/api/bench/v1/rpc'

interface RpcParts {
  router: AnyRouter
  login: Login
  sockets: SocketWatch
}

/** Serves the contract to who holds a management token. */
export async function mountRpc(app: FastifyInstance, { router, login, sockets }: RpcParts): Promise<void> {
  const handler = new RPCHandler(router)
  const answers = new Set<ServerResponse>()
  await app.register(async (scope) => {
    // oRPC reads the body itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined))
    scope.decorateRequest('visitor', null)
    scope.addHook('onRequest', requireUser(login))
    scope.all(`${RPC_PATH}/*`, async (request, reply) => {
      answers.add(reply.raw)
      const leave = sockets.hold(whyEnded(login, request), () => isLive(reply.raw) && reply.raw.destroy())
      reply.raw.once('close', () => {
        answers.delete(reply.raw)
        leave()
      })
      const { matched } = await handler.handle(request, reply, {
        prefix: RPC_PATH,
        context: { isRemote: true, visitor: visitorOf(request), address: request.ip },
      })
      if (!matched) reply.callNotFound()
      return reply
    })
    // A live value has no end of its own, so a server that stops would wait for its watchers.
    scope.addHook('preClose', async () => {
      for (const answer of answers) if (isLive(answer)) answer.destroy()
    })
  })
}

function isLive(answer: ServerResponse): boolean {
  return String(answer.getHeader('content-type')).startsWith('text/event-stream')
}
