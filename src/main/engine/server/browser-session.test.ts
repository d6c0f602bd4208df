import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket as NodeSocket } from 'ws'
import type { EngineClient } from '../../cli/context.ts'
import { now } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import type { UserRole } from '../../contract/roles.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { pageClient, pageSocket } from './page.cases.ts'

const PASSWORD = 'correct horse'

describe('a login in the browser', () => {
  let bench: TestEngine
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-session-'))
    await writeFile(join(folder, 'index.html'), '<!doctype html>')
    bench = await openTestEngine({ uiFolder: folder, https: { host: '127.0.0.1', port: 0 } })
    for (const role of ['viewer', 'operator', 'engineer'] as const)
      await bench.client.users.add({ name: `a ${role}`, password: PASSWORD, role })
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
  const session = (method: string, headers: Record<string, string>) => fetch(`${bench.url}/ui/session`, { method, headers })

  async function cookieOf(role: UserRole): Promise<string> {
    const answer = await session('POST', { authorization: basic(`a ${role}`, PASSWORD), origin: bench.url })
    expect(answer.status).toBe(204)
    return answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  }

  /** What the server answers to who wants a connection; it is closed again. */
  async function dial(headers: Record<string, string>): Promise<number> {
    const socket = new NodeSocket(`${bench.url.replace('http', 'ws')}/ui/rpc`, { headers })
    socket.on('error', () => undefined)
    return new Promise((resolve) => {
      socket.once('open', () => resolve(101))
      socket.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode))
    })
  }

  async function clientOf(role: UserRole): Promise<{ client: EngineClient; socket: WebSocket }> {
    const socket = pageSocket(bench.url, await cookieOf(role))
    await once(socket, 'open')
    return { client: pageClient(socket), socket }
  }

  it('is a cookie that scripts cannot read and other sites cannot make it send, and over https one that plain http never sees', async () => {
    const headers = { authorization: basic('a viewer', PASSWORD), origin: bench.url }
    const cookie = (await session('POST', headers)).headers.get('set-cookie') ?? ''
    expect(cookie.split('; ').slice(1)).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict', 'Max-Age=604800'])
    const secure = await session('POST', { ...headers, 'x-forwarded-proto': 'https' })
    expect(secure.headers.get('set-cookie')).toMatch(/^__Host-otabench=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800; Secure$/)
    const own = await session('GET', { cookie: cookie.split(';')[0] ?? '' })
    expect(await own.json()).toEqual({ name: 'a viewer', role: 'viewer' })
  })

  it('takes no session of plain http over https', async () => {
    const value = (await cookieOf('viewer')).replace('otabench=', '')
    const over = (name: string) => session('GET', { cookie: `${name}=${value}`, 'x-forwarded-proto': 'https' })
    expect((await over('otabench')).status).toBe(401)
    expect((await over('__Host-otabench')).status).toBe(200)
  })

  it('is not opened, used or ended by pages of other sites', async () => {
    const cookie = await cookieOf('engineer')
    const evil = { origin: 'http://evil.example' }
    expect((await session('POST', { ...evil, authorization: basic('a viewer', PASSWORD) })).status).toBe(403)
    expect((await session('DELETE', { ...evil, cookie })).status).toBe(403)
    expect((await session('DELETE', { cookie })).status).toBe(403)
    for (const origin of ['http://evil.example', 'null', `${bench.url}1`, bench.url.replace('127.0.0.1', 'localhost')])
      expect([origin, await dial({ cookie, origin })]).toEqual([origin, 403])
    expect(await dial({ cookie })).toBe(403)
    const foreign = { cookie, 'sec-fetch-site': 'cross-site' }
    expect((await fetch(`${bench.url}/api/management/v1/useradm/users/me`, { headers: foreign })).status).toBe(401)
    expect((await session('GET', { cookie })).status).toBe(200)
  })

  it('lets a viewer look, and the server itself refuses what a viewer orders, by every way in', async () => {
    const { client, socket } = await clientOf('viewer')
    expect(await now(client.account.self())).toEqual({ name: 'a viewer', role: 'viewer', hasMachine: false })
    expect(await now(client.devices.list())).toEqual([])
    const refused = { code: 'PERMISSION', message: 'This takes an operator, and you are a viewer.' }
    expect(await client.artifacts.remove({ id: 'none' }).catch(toAppError)).toMatchObject(refused)
    expect(await client.server.setAcceptMode({ acceptMode: 'all' }).catch(toAppError)).toMatchObject({ code: 'PERMISSION' })
    expect(await now(client.users.list()).catch(toAppError)).toMatchObject({ code: 'PERMISSION' })
    socket.close()
    const cookie = await cookieOf('viewer')
    const ask = async (method: string, path: string) =>
      (await fetch(`${bench.url}/api/management/${path}`, { method, headers: { cookie, origin: bench.url } })).status
    expect(await ask('GET', 'v1/deployments/artifacts')).toBe(200)
    expect(await ask('DELETE', 'v1/deployments/artifacts/none')).toBe(403)
    expect(await ask('DELETE', 'v2/devauth/devices/none')).toBe(403)
    expect(await ask('GET', 'v1/useradm/users')).toBe(403)
    expect(await ask('POST', 'v1/useradm/settings/tokens')).toBe(403)
    expect(await ask('GET', 'v1/deviceconnect/devices/none/connect')).toBe(403)
    const rpc = await fetch(`${bench.url}/api/bench/v1/rpc/artifacts/remove`, {
      ...{ method: 'POST', body: JSON.stringify({ json: { id: 'none' } }) },
      headers: { cookie, origin: bench.url, 'content-type': 'application/json' },
    })
    expect([rpc.ok, await rpc.text()]).toEqual([false, expect.stringContaining('PERMISSION')])
  })

  it('lets an operator deploy, but not change settings and users, and an engineer do everything', async () => {
    const operator = await clientOf('operator')
    expect(await operator.client.artifacts.remove({ id: 'none' }).catch(toAppError)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await operator.client.server.setAcceptMode({ acceptMode: 'all' }).catch(toAppError)).toMatchObject({ code: 'PERMISSION' })
    expect(await operator.client.users.remove({ id: 'none' }).catch(toAppError)).toMatchObject({ code: 'PERMISSION' })
    operator.socket.close()
    const engineer = await clientOf('engineer')
    await engineer.client.server.setAcceptMode({ acceptMode: 'none' })
    expect((await now(engineer.client.users.list())).map(({ name, role }) => `${name}: ${role}`)).toContain('a viewer: viewer')
    engineer.socket.close()
  })

  it('ends at once, its open page too, when an engineer ends it, and begins anew when the role changes', async () => {
    const { client, socket } = await clientOf('operator')
    const own = (await now(bench.client.users.sessions())).find(({ userName }) => userName === 'a operator')
    const closed = once(socket, 'close')
    for (const { id, userName } of await now(bench.client.users.sessions()))
      if (userName === 'a operator') await bench.client.users.endSession({ id })
    expect(own).toBeDefined()
    await closed
    expect(await client.artifacts.remove({ id: 'x' }).catch(() => 'gone')).toBe('gone')
    const again = await clientOf('operator')
    const user = (await now(bench.client.users.list())).find(({ name }) => name === 'a operator')
    const ended = once(again.socket, 'close')
    await bench.client.users.setRole({ id: user?.id ?? '', role: 'viewer' })
    await ended
    await bench.client.users.setRole({ id: user?.id ?? '', role: 'operator' })
  })

  it('ends by logging out', async () => {
    const cookie = await cookieOf('viewer')
    const out = await session('DELETE', { cookie, origin: bench.url })
    expect(out.headers.get('set-cookie')).toMatch(/^otabench=; .*Max-Age=0/)
    expect((await session('GET', { cookie })).status).toBe(401)
  })

  it('lets whoever is logged in change the own password, who knows it', async () => {
    const { client, socket } = await clientOf('viewer')
    const wrong = client.account.setPassword({ currentPassword: 'wrong', password: 'another one' })
    expect(await wrong.catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
    const closed = once(socket, 'close')
    await client.account.setPassword({ currentPassword: PASSWORD, password: 'another one' }).catch(() => undefined)
    await closed
    expect((await session('POST', { authorization: basic('a viewer', PASSWORD), origin: bench.url })).status).toBe(401)
    expect((await session('POST', { authorization: basic('a viewer', 'another one'), origin: bench.url })).status).toBe(204)
    const noted = await now(bench.client.audit.list({ text: 'account.setPassword' }))
    const hidden = { currentPassword: '…', password: '…' }
    expect(noted.map(({ detail }) => JSON.parse(detail))).toEqual([hidden, hidden])
  })
})

it('keeps the first user an engineer', async () => {
  await using bench = await openTestEngine()
  const [admin] = await now(bench.client.users.list())
  const id = admin?.id ?? ''
  expect(await bench.client.users.setRole({ id, role: 'viewer' }).catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
  expect(await bench.client.users.remove({ id }).catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
})
