import type { ServerResponse } from 'node:http'
import type { AnyRouter } from '@orpc/server'
import { RPCHandler } from '@orpc/server/fastify'
import type { FastifyInstance } from 'fastify'
import type { Login } from './login.ts'
import { requireUser, visitorOf } from './management-guard.ts'

/** Where the engine's own operations are served over HTTP, for `otabench --server`. */
export const RPC_PATH = '/api/bench/v1/rpc'

/** Serves the contract to who holds a management token. */
export async function mountRpc(app: FastifyInstance, { router, login }: { router: AnyRouter; login: Login }): Promise<void> {
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
      reply.raw.once('close', () => answers.delete(reply.raw))
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
