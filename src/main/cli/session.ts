import { createRouterClient } from '@orpc/server'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { AppError, toAppError } from '../contract/errors.ts'
import { createEngine } from '../engine/engine.ts'
import { readWhole } from '../engine/lib/file-streams.ts'
import type { CliContext, EngineClient, EngineSession } from './context.ts'

/** The engine that --server names, or one of this process alone on the data folder, which listens nowhere. */
export async function openSession(context: CliContext): Promise<EngineSession> {
  const { server } = context.globals()
  return server === undefined ? openFolder(context) : connect(server, context)
}

async function openFolder(context: CliContext): Promise<EngineSession> {
  const { host, environment } = context
  const adminPassword = environment['OTABENCH_ADMIN_PASSWORD']
  const engine = await createEngine(host, { dataFolder: context.globals().data, http: null, https: null, adminPassword })
  return { client: createRouterClient(engine.router), [Symbol.asyncDispose]: () => engine.close() }
}

async function connect(server: string, context: CliContext): Promise<EngineSession> {
  const { token, ca } = context.globals()
  if (token === undefined)
    throw new AppError('LOGIN_REFUSED', `${server} needs a token`, 'Give --token TOKEN or set OTABENCH_TOKEN; the server prints one when it starts.')
  if (ca !== undefined) {
    const pem = new TextDecoder().decode(await readWhole(context.host.files, ca))
    setDefaultCACertificates([...getCACertificates('default'), pem])
  }
  const link = new RPCLink({ url: new URL('/api/bench/v1/rpc', server), headers: { authorization: `Bearer ${token}` }, fetch: reach })
  const client: EngineClient = createORPCClient(link)
  return { client, [Symbol.asyncDispose]: async () => undefined }
}

/** `fetch` that says in words why nobody answered. */
async function reach(request: Request, init: RequestInit): Promise<Response> {
  const response = await fetch(request, init).catch((thrown: unknown) => {
    if (init.signal?.aborted) throw toAppError(thrown)
    const reason = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : String(thrown)
    throw new AppError('DEVICE_UNREACHABLE', `${new URL(request.url).origin} does not answer: ${reason}`, 'Check the URL, and --ca for https.', thrown)
  })
  if (response.status !== 401) return response
  throw new AppError('LOGIN_REFUSED', `${new URL(request.url).origin} refused the token`, 'Log in again; tokens end after a week.')
}
