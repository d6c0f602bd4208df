import { createRouterClient } from '@orpc/server'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { openAsBlob } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { AppError, CODE_HEADER, type ErrorCode, toAppError } from '../contract/errors.ts'
import type { Job } from '../contract/jobs.ts'
import { createEngine } from '../engine/engine.ts'
import { trustAuthority } from './authority.ts'
import type { ArtifactFile, CliContext, EngineClient, EngineSession } from './context.ts'
import { until } from './live.ts'

/** The engine that --server names, or one of this process alone on the data folder, which listens nowhere. */
export async function openSession(context: CliContext): Promise<EngineSession> {
  const { server } = context.globals()
  return server === undefined ? openFolder(context) : connect(server, context)
}

async function openFolder(context: CliContext): Promise<EngineSession> {
  const { host, environment } = context
  const adminPassword = environment['OTABENCH_ADMIN_PASSWORD']
  const engine = await createEngine(host, { dataFolder: context.globals().data, http: null, https: null, adminPassword })
  const client: EngineClient = createRouterClient(engine.router)
  return { client, addArtifact: (file) => addThroughJob(client, file), [Symbol.asyncDispose]: () => engine.close() }
}

/** The engine is on this machine: it reads the file itself. */
async function addThroughJob(client: EngineClient, { path, description, allowExpansion, onProgress }: ArtifactFile): Promise<string> {
  const { id, jobId } = await client.artifacts.add({ path, description, allowExpansion })
  const find = (jobs: readonly Job[]) => jobs.find((job) => job.id === jobId)
  const jobs = await until(
    client.jobs.list(),
    (all) => find(all)?.state !== 'running',
    (all) => {
      const progress = find(all)?.progress
      if (progress?.total) onProgress?.(progress.done, progress.total)
    },
  )
  const failure = find(jobs)?.failure
  if (failure) throw new AppError(failure.code, `${path}: ${failure.message}`, failure.hint)
  return id
}

async function connect(server: string, context: CliContext): Promise<EngineSession> {
  const { token, ca } = context.globals()
  if (!/^https?:\/\//i.test(server) || !URL.canParse(server))
    throw new AppError('BAD_INPUT', `--server ${server} is not a URL`, 'Write for example http://127.0.0.1:8080.')
  if (token === undefined)
    throw new AppError(
      'LOGIN_REFUSED',
      `${server} needs a token`,
      'Give --token TOKEN or set OTABENCH_TOKEN; the server prints one when it starts.',
    )
  await trustAuthority(context.host.files, ca)
  const link = new RPCLink({ url: new URL('/api/bench/v1/rpc', server), headers: { authorization: `Bearer ${token}` }, fetch: reach })
  const client: EngineClient = createORPCClient(link)
  const headers = { authorization: `Bearer ${token}` }
  return {
    client,
    addArtifact: (file) => upload(file, server, token),
    request: (path, init) => reach(new Request(new URL(path, server), { ...init, headers }), { signal: init.signal ?? null }),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

const uploadProblem = z.object({ error: z.string() })

/** The engine may be on another machine: the bytes travel by the management API, as mender-cli sends them. */
async function upload({ path, description, allowExpansion }: ArtifactFile, server: string, token: string): Promise<string> {
  const form = new FormData()
  form.set('description', description)
  form.set('artifact', await openFile(path), basename(path))
  const url = new URL('/api/management/v1/deployments/artifacts', server)
  if (allowExpansion) url.searchParams.set('allow_expansion', 'true')
  const response = await reach(new Request(url, { method: 'POST', body: form, headers: { authorization: `Bearer ${token}` } }), {})
  if (response.status === 201) return response.headers.get('location')?.split('/').at(-1) ?? ''
  const problem = uploadProblem.safeParse(await response.json().catch(() => null)).data?.error ?? `HTTP status ${response.status}`
  if (response.headers.get(CODE_HEADER) === 'EXPANSION_LIMIT') throw new AppError('EXPANSION_LIMIT', `${path}: ${problem}`)
  const { code, hint } = REFUSALS[response.status] ?? { code: 'INTERNAL', hint: `See what the server says on ${url.host}.` }
  throw new AppError(code, `${path}: ${problem}`, hint)
}

/** What the server means by the status of an upload that it did not take. */
const REFUSALS: Partial<Record<number, { code: ErrorCode; hint: string }>> = {
  400: { code: 'ARTIFACT_INVALID', hint: 'Check the file with otabench artifact validate.' },
  409: { code: 'CONFLICT', hint: 'See otabench artifacts list: give the artifact another name, or remove that one.' },
  507: { code: 'DISK_FULL', hint: 'Free some space on the disk of the server and try again.' },
}

async function openFile(path: string): Promise<Blob> {
  try {
    return await openAsBlob(path)
  } catch (thrown) {
    throw new AppError('NOT_FOUND', `Cannot open ${path}`, 'Check the path.', thrown)
  }
}

/** `fetch` that says in words why nobody answered. */
async function reach(request: Request, init: RequestInit): Promise<Response> {
  const response = await fetch(request, init).catch((thrown: unknown) => {
    if (init.signal?.aborted) throw toAppError(thrown)
    const reason = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : String(thrown)
    throw new AppError(
      'DEVICE_UNREACHABLE',
      `${new URL(request.url).origin} does not answer: ${reason}`,
      'Check the URL, and --ca for https.',
      thrown,
    )
  })
  if (response.status !== 401) return response
  throw new AppError('LOGIN_REFUSED', `${new URL(request.url).origin} refused the token`, 'Log in again; tokens end after a week.')
}
