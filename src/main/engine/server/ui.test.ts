import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/fetch'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { EngineClient } from '../../cli/context.ts'
import { now, until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import type { UserRole } from '../../contract/roles.ts'
import { type TestEngine, logIn, openTestEngine } from '../engine.cases.ts'
import { authBody, makeDevice } from './device.cases.ts'
import { pageClient, pageSocket } from './page.cases.ts'

describe('the page in a browser', () => {
  let bench: TestEngine
  let folder = ''
  let token = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-ui-'))
    await mkdir(join(folder, 'page', 'assets'), { recursive: true })
    await writeFile(join(folder, 'page', 'index.html'), '<!doctype html><title>OTA Bench</title>')
    await writeFile(join(folder, 'page', 'assets', 'main.js'), 'void 0')
    await writeFile(join(folder, 'secret.txt'), 'secret')
    bench = await openTestEngine({ uiFolder: join(folder, 'page'), acceptMode: 'all' })
    token = await bench.token()
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  /** Opens a WebSocket; the answer says whether the server took it. */
  async function dial(of: string | null): Promise<{ socket: WebSocket; isOpen: boolean }> {
    const socket = pageSocket(bench.url, of === null ? null : `otabench=${of}`)
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.addEventListener('open', () => resolve(true), { once: true })
      socket.addEventListener('error', () => resolve(false), { once: true })
    })
    return { socket, isOpen }
  }

  /** One request as its bytes stand here: fetch would tidy the path up before it is sent. */
  async function raw(target: string, headers: string[] = []): Promise<string> {
    const { hostname, port } = new URL(bench.url)
    const socket = connect(Number(port), hostname)
    socket.write(['GET ' + target + ' HTTP/1.1', `Host: ${hostname}`, ...headers, '', ''].join('\r\n'))
    const [head] = await once(socket, 'data')
    socket.destroy()
    return String(head)
  }
  const statusOf = async (target: string) => Number((await raw(target)).split(' ')[1])

  it('is served under /ui/, where / leads', async () => {
    const root = await fetch(`${bench.url}/`, { redirect: 'manual' })
    expect([root.status, root.headers.get('location')]).toEqual([302, '/ui/'])
    const page = await fetch(`${bench.url}/ui/`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
    expect(await page.text()).toContain('<title>OTA Bench</title>')
    expect((await fetch(`${bench.url}/ui/assets/main.js`)).headers.get('content-type')).toContain('javascript')
  })

  it('may load nothing but what this server sends, and be framed by nobody', async () => {
    for (const path of ['/ui/', '/ui/index.html', '/ui/assets/main.js']) {
      const { headers } = await fetch(`${bench.url}${path}`)
      const policy = headers.get('content-security-policy') ?? ''
      const rules = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]))
      expect(Object.fromEntries(rules)).toMatchObject({
        'default-src': "'none'",
        'script-src': "'self'",
        'connect-src': "'self'",
        'base-uri': "'none'",
        'form-action': "'none'",
        'frame-ancestors': "'none'",
      })
      expect([headers.get('x-content-type-options'), headers.get('referrer-policy')]).toEqual(['nosniff', 'no-referrer'])
    }
  })

  it('brings nothing along that does not belong to it, whatever path is asked for', async () => {
    const tricks = [
      '../secret.txt',
      '%2e%2e/secret.txt',
      '..%2fsecret.txt',
      'assets/../../secret.txt',
      '..%5csecret.txt',
      '%252e%252e/secret.txt',
    ]
    for (const trick of [...tricks, '../bench.db', '../data/bench.db', '//etc/passwd', '%00', 'none.js', 'assets', '.git/config'])
      expect([trick, await statusOf(`/ui/${trick}`)]).toEqual([trick, expect.toSatisfy((status) => [400, 403, 404].includes(status))])
    for (const trick of tricks) expect(await raw(`/ui/${trick}`)).not.toMatch(/^secret/m)
  })

  it('has an address that logs in, as it is printed at the start', async () => {
    const url = new URL(bench.engine.uiUrl ?? '')
    expect(url.pathname).toBe('/ui/')
    const printed = url.hash.replace('#token=', '')
    const answer = await fetch(`${bench.url}/ui/session`, {
      method: 'POST',
      headers: { authorization: `Bearer ${printed}`, origin: bench.url },
    })
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([204, expect.stringContaining(`otabench=${printed};`)])
    const { isOpen, socket } = await dial(printed)
    expect(isOpen).toBe(true)
    socket.close()
  })

  it('gets no connection without a token, with a wrong one, or with that of a device', async () => {
    const device = makeDevice('02:00:00:00:00:01')
    const body = authBody(device)
    const answer = await fetch(`${bench.url}/api/devices/v1/authentication/auth_requests`, {
      ...{ method: 'POST', body },
      headers: { 'content-type': 'application/json', authorization: 'Bearer', 'x-men-signature': device.sign(body) },
    })
    for (const wrong of [null, '', 'nonsense', await answer.text()]) expect((await dial(wrong)).isOpen).toBe(false)
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    const from = (origin: string) => [...upgrade, `Origin: ${origin}`]
    const { hostname } = new URL(bench.url)
    expect(await raw('/ui/rpc', from(`http://${hostname}`))).toMatch(/^HTTP\/1\.1 401 /)
    expect(await raw(`/ui/rpc?token=${token}`, from(`http://${hostname}`))).toMatch(/^HTTP\/1\.1 401 /)
    expect(await raw('/ui/rpc', [...from(`http://${hostname}`), `Cookie: a=b; otabench=${token}`])).toMatch(/^HTTP\/1\.1 101 /)
  })

  it('has all operations over its connection: live values, calls and failures', async () => {
    const { socket } = await dial(token)
    const client = pageClient(socket)
    const modes = until(client.server.status(), ({ acceptMode }) => acceptMode === 'none')
    await client.server.setAcceptMode({ acceptMode: 'none' })
    expect(await modes).toEqual(await now(bench.client.server.status()))
    expect(await client.artifacts.remove({ id: 'none-such' }).catch(toAppError)).toMatchObject({
      ...{ code: 'NOT_FOUND', message: 'There is no artifact none-such', hint: 'It may have been removed.' },
    })
    socket.close()
  })

  it('is answered on when it has sent what nobody understands, and may not send without end', async () => {
    // The library tells each such frame to whoever runs the server.
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const { socket } = await dial(token)
    for (const frame of ['', 'nonsense', '{}', '[]', 'null', '{"i":1}', '{"i":"1","t":3,"p":{}}', new Uint8Array([255, 0, 255])])
      socket.send(frame)
    const client = pageClient(socket)
    expect(await now(client.jobs.list())).toEqual([])
    expect(told).toHaveBeenCalled()
    const closed = once(socket, 'close')
    socket.send('x'.repeat(2 << 20))
    await closed
    expect(await now(bench.client.jobs.list())).toEqual([])
  })

  it('keeps the files of the machine for who sits at it', async () => {
    const { socket } = await dial(token)
    const client = pageClient(socket)
    expect(await now(client.account.self())).toMatchObject({ name: 'admin', hasMachine: false })
    await expect(client.folders.list({ path: '/' })).rejects.toMatchObject({ code: 'PERMISSION' })
    await expect(client.flash.inspect({ path: '/etc/passwd' })).rejects.toMatchObject({ code: 'PERMISSION' })
    socket.close()
  })
})

describe('the page in a browser, of a machine that is shared', () => {
  let bench: TestEngine
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-ui-'))
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>OTA Bench</title>')
    bench = await openTestEngine({ uiFolder: folder, isMachineShared: true })
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  /** The page with a token. */
  function pageWith(token: string): { client: EngineClient; close: () => void } {
    const socket = pageSocket(bench.url, `otabench=${token}`)
    return { client: pageClient(socket), close: () => socket.close() }
  }

  /** What a user of that role may do in a browser. */
  async function as(role: UserRole, name: string = role): Promise<{ client: EngineClient; token: string; close: () => void }> {
    const user = { name: `${name}@lab`, password: 'a long password' }
    await bench.client.users.add({ ...user, role })
    const token = await logIn(bench.url, user)
    return { ...pageWith(token), token }
  }

  it('uses its files for operators, and not for viewers', async () => {
    const operator = await as('operator')
    expect(await now(operator.client.account.self())).toMatchObject({ role: 'operator', hasMachine: true })
    expect(await operator.client.folders.list({ path: folder })).toMatchObject({ entries: [{ name: 'index.html' }] })
    operator.close()
    const viewer = await as('viewer')
    expect(await now(viewer.client.account.self())).toMatchObject({ role: 'viewer', hasMachine: false })
    await expect(viewer.client.folders.list({ path: folder })).rejects.toMatchObject({
      message: 'This takes an operator, and you are a viewer.',
    })
    await expect(viewer.client.opened.tell({ path: '/etc/passwd' })).rejects.toMatchObject({ message: /takes an operator/ })
    await expect(viewer.client.drives.createVirtual({ name: 'x', sizeBytes: 2 ** 20 })).rejects.toMatchObject({
      message: /takes an operator/,
    })
    viewer.close()
  })

  it('starts again for nobody what he might not have started', async () => {
    const { jobId: id } = await bench.client.backup.create({ path: join(folder, 'nowhere', 'bench.tar') })
    await until(bench.client.jobs.list(), (jobs) => jobs.some((job) => job.id === id && job.canRetry))
    const hand = await as('operator', 'hand')
    await expect(hand.client.jobs.retry({ id })).rejects.toMatchObject({ message: 'This takes an engineer, and you are an operator.' })
    hand.close()
    expect(await bench.client.jobs.retry({ id })).toMatchObject({ jobId: expect.any(String) })
  })

  it.each([[['*:read' as const]], [[]]])('keeps them from a personal access token that a page uses, of the scopes %j', async (scopes) => {
    const { token } = await bench.client.tokens.create({ name: `of ${scopes.length}`, scopes })
    const { client, close } = pageWith(token)
    expect(await now(client.account.self())).toMatchObject({ name: 'admin', hasMachine: false })
    const refused = { code: 'PERMISSION', message: /from elsewhere/ }
    await expect(client.folders.list({ path: folder })).rejects.toMatchObject(refused)
    await expect(client.artifacts.save({ id: 'any', path: join(folder, 'index.html') })).rejects.toMatchObject(refused)
    close()
  })

  it('keeps them from programs that come over the network', async () => {
    const { token, close } = await as('engineer')
    const link = new RPCLink({ url: `${bench.url}/api/bench/v1/rpc`, headers: { authorization: `Bearer ${token}` } })
    const program: EngineClient = createORPCClient(link)
    await expect(program.folders.list({ path: folder })).rejects.toMatchObject({ code: 'PERMISSION', message: /from elsewhere/ })
    close()
  })
})
