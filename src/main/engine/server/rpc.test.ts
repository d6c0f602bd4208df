import { type ClientContext, createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { os } from '@orpc/server'
import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { live } from '../handlers/live.ts'
import { nodeHost } from '../host.node.ts'
import { Changes } from '../lib/changes.ts'
import { openStore } from '../store/open.ts'
import { authBody, makeDevice } from './device.cases.ts'
import { ensureAdmin, openLogin } from './login.ts'
import { answerProblems } from './problem.ts'
import { RPC_PATH, mountRpc } from './rpc.ts'
import { SocketWatch } from './websocket-pipe.ts'

function linkTo(url: string, headers: Record<string, string>): RPCLink<ClientContext> {
  return new RPCLink({ url: new URL(RPC_PATH, url), headers })
}

describe('the operations over HTTP', () => {
  let bench: TestEngine
  let client: EngineClient
  let token = ''
  beforeAll(async () => {
    bench = await openTestEngine({ acceptMode: 'all' })
    token = await bench.token()
    client = createORPCClient(linkTo(bench.url, { authorization: `Bearer ${token}` }))
  })
  afterAll(() => bench[Symbol.asyncDispose]())

  const statusOf = async (headers: Record<string, string>, path = 'jobs/list') =>
    (await fetch(`${bench.url}${RPC_PATH}/${path}`, { method: 'POST', body: '{}', headers })).status

  it('are refused with 401 to who has no token, a wrong one, or one that was ended', async () => {
    expect(await statusOf({})).toBe(401)
    expect(await statusOf({ authorization: 'Bearer nonsense' })).toBe(401)
    expect(await statusOf({ authorization: `Basic ${token}` })).toBe(401)
    const ended = await bench.token()
    const headers = { authorization: `Bearer ${ended}` }
    await fetch(`${bench.url}/api/management/v1/useradm/auth/logout`, { method: 'POST', headers })
    expect(await statusOf(headers)).toBe(401)
  })

  it('go on no longer than the session: a live value ends with it, and when the role of its user changes', async () => {
    await bench.client.users.add({ name: 'watcher', password: 'watches the bench', role: 'operator' })
    const id = (await now(bench.client.users.list())).find(({ name }) => name === 'watcher')?.id ?? ''
    const watch = async () => {
      const authorization = `Basic ${Buffer.from('watcher:watches the bench').toString('base64')}`
      const login = await fetch(`${bench.url}/api/management/v1/useradm/auth/login`, { method: 'POST', headers: { authorization } })
      const headers = { authorization: `Bearer ${await login.text()}` }
      const watched = await fetch(`${bench.url}${RPC_PATH}/jobs/list`, { method: 'POST', body: '{}', headers })
      const reader = watched.body?.getReader()
      await reader?.read()
      // The answer may begin with nothing but a sign of life.
      const toItsEnd = async (): Promise<boolean> => {
        while ((await reader?.read())?.done === false);
        return true
      }
      return { ended: toItsEnd().catch(() => true) }
    }
    const first = await watch()
    for (const session of await now(bench.client.users.sessions()))
      if (session.userName === 'watcher') await bench.client.users.endSession({ id: session.id })
    expect(await first.ended).toBe(true)
    const second = await watch()
    await bench.client.users.setRole({ id, role: 'viewer' })
    expect(await second.ended).toBe(true)
  })

  it('let an engineer set the PIN of the station, and tell an operator why he may not', async () => {
    await bench.client.users.add({ name: 'hand', password: 'makes units all day', role: 'operator' })
    const authorization = `Basic ${Buffer.from('hand:makes units all day').toString('base64')}`
    const login = await fetch(`${bench.url}/api/management/v1/useradm/auth/login`, { method: 'POST', headers: { authorization } })
    const setPin = (token: string, input: object) =>
      fetch(`${bench.url}${RPC_PATH}/station/setPin`, {
        ...{ method: 'POST', body: JSON.stringify({ json: input }) },
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      })
    const refused = await setPin(await login.text(), { pin: '2468' })
    expect(await refused.json()).toMatchObject({
      json: { code: 'PERMISSION', message: 'This takes an engineer, and you are an operator.' },
    })
    expect((await now(bench.client.station.view())).hasPin).toBe(false)
    expect((await setPin(await bench.token(), { pin: '2468' })).status).toBe(200)
    expect((await now(bench.client.station.view())).hasPin).toBe(true)
    await bench.client.station.setPin({ oldPin: '2468', pin: null })
  })

  it('are refused to a device, whose token opens only the device API', async () => {
    const device = makeDevice('02:00:00:00:00:01')
    const body = authBody(device)
    const answer = await fetch(`${bench.url}/api/devices/v1/authentication/auth_requests`, {
      ...{ method: 'POST', body },
      headers: { 'content-type': 'application/json', authorization: 'Bearer', 'x-men-signature': device.sign(body) },
    })
    expect(answer.status).toBe(200)
    expect(await statusOf({ authorization: `Bearer ${await answer.text()}` })).toBe(401)
  })

  it('answer the same as within the process', async () => {
    await client.server.setAcceptMode({ acceptMode: 'none' })
    expect(await now(client.server.status())).toEqual(await now(bench.client.server.status()))
    const key = await client.keys.generate({ name: 'over-http', algorithm: 'p256' })
    expect(await now(bench.client.keys.list())).toEqual([key])
  })

  it("that name files of the engine's machine are refused to who asks from afar, before anything is looked at", async () => {
    const path = '/etc/hostname'
    const asked = [client.artifacts.inspect({ path }), client.artifacts.add({ path }), client.artifacts.save({ id: 'x', path })]
    for (const answer of asked) await expect(answer.catch(toAppError)).resolves.toMatchObject({ code: 'PERMISSION' })
    expect(await now(client.comparisons.ofFiles({ a: { path }, b: { path } })).catch(toAppError)).toMatchObject({ code: 'PERMISSION' })
    expect(await now(client.jobs.list())).toEqual([])
  })

  it('answer a live value at once, and again when it changes', async () => {
    const abort = new AbortController()
    const modes: unknown[] = []
    for await (const { acceptMode } of await client.server.status(undefined, { signal: abort.signal })) {
      modes.push(acceptMode)
      if (modes.length === 1) await client.server.setAcceptMode({ acceptMode: modes[0] === 'all' ? 'none' : 'all' })
      else break
    }
    abort.abort()
    expect(modes.toSorted()).toEqual(['all', 'none'])
  })

  it('hand their failures over as AppErrors with code, values and hint, of calls and of live values', async () => {
    const missing = await client.artifacts.remove({ id: 'none-such' }).catch(toAppError)
    expect(missing).toMatchObject({ code: 'NOT_FOUND', message: 'There is no artifact none-such', hint: 'It may have been removed.' })
    const live = await now(client.deployments.show({ id: 'none-such' })).catch(toAppError)
    expect(live).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('none-such'), hint: expect.stringMatching(/\S/) })
    const input = await client.keys.generate({ name: 'two words', algorithm: 'p256' }).catch(toAppError)
    expect(input).toMatchObject({ code: 'BAD_INPUT', message: expect.stringMatching(/^name: /), hint: expect.stringMatching(/\S/) })
  })

  it('answer what is no operation with 404, and what is no request of oRPC with 400, and go on', async () => {
    const headers = { authorization: `Bearer ${token}` }
    expect(await statusOf(headers, 'jobs/none')).toBe(404)
    expect(await statusOf(headers, '../../../bench.db')).toBe(404)
    const broken = await fetch(`${bench.url}${RPC_PATH}/jobs/cancel`, {
      ...{ method: 'POST', body: '{"json": {"id"', headers: { ...headers, 'content-type': 'application/json' } },
    })
    expect(broken.status).toBe(400)
    expect(await statusOf(headers)).toBe(200)
  })
})

/** Counts who waits for a change. */
class CountedChanges extends Changes {
  waiting = 0

  override onNext(wake: () => void): () => void {
    this.waiting += 1
    const once = { left: 1 }
    const leave = () => {
      this.waiting -= once.left
      once.left = 0
    }
    const stop = super.onNext(() => {
      leave()
      wake()
    })
    return () => {
      leave()
      stop()
    }
  }
}

describe('what a client leaves behind at the server', () => {
  it('is nothing: a live value ends there when its reader goes, a call when its caller aborts, all when the server stops', async () => {
    const changes = new CountedChanges()
    const seen = { slow: '' }
    const router = {
      live: os.handler(live([changes], () => changes.waiting)),
      slow: os.handler(async ({ signal }) => {
        seen.slow = 'began'
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
        seen.slow = 'aborted'
      }),
    }
    const host = nodeHost()
    await using open = new AsyncDisposableStack()
    const store = open.adopt(openStore(':memory:'), (each) => each.close())
    await ensureAdmin({ store, clock: host.clock, password: 'p' })
    const login = openLogin({ store, clock: host.clock })
    const app = open.adopt(Fastify(), (each) => each.close())
    answerProblems(app)
    const sockets = open.adopt(new SocketWatch(store.changes.credentials), (each) => each.stop())
    await mountRpc(app, { router, login, sockets })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const link = linkTo(url, { authorization: `Bearer ${login.adminSession()}` })
    const call = async (path: string, signal: AbortSignal) => link.call([path], undefined, { signal, context: {} })
    const values = z.custom<AsyncIterable<unknown>>()

    const aborts = [new AbortController(), new AbortController(), new AbortController()]
    for (const { signal } of aborts) {
      const reader = values.parse(await call('live', signal))[Symbol.asyncIterator]()
      expect((await reader.next()).value).toBeGreaterThan(0)
    }
    expect(changes.waiting).toBe(3)
    for (const abort of aborts) abort.abort()
    await expect.poll(() => changes.waiting).toBe(0)

    for await (const _ of values.parse(await call('live', new AbortController().signal))) break
    await expect.poll(() => changes.waiting).toBe(0)

    const abort = new AbortController()
    const slow = call('slow', abort.signal).catch(toAppError)
    await expect.poll(() => seen.slow).toBe('began')
    abort.abort()
    expect(await slow).toMatchObject({ code: 'CANCELLED' })
    await expect.poll(() => seen.slow).toBe('aborted')

    const watched = until(Promise.resolve(values.parse(await call('live', new AbortController().signal))), () => false).catch(toAppError)
    await expect.poll(() => changes.waiting).toBe(1)
    await app.close()
    expect(await watched).toMatchObject({ code: 'ENGINE_STOPPED', hint: expect.stringMatching(/\S/) })
    expect(changes.waiting).toBe(0)
  })
})
