import { createRouterClient } from '@orpc/server'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, type Server, type ServerResponse, createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Engine, createEngine } from '../../engine/engine.ts'
import { nodeHost } from '../../engine/host.node.ts'
import { authBody, makeDevice } from '../../engine/server/device.cases.ts'
import { openApiCheck } from '../../engine/server/openapi.cases.ts'
import { type CommandRun, runLine } from '../command.cases.ts'
import type { EngineClient } from '../context.ts'
import { now } from '../live.ts'
import { runArtifactLine } from './run-line.cases.ts'
import { publishCommand } from './publish.ts'

const ADMIN = `Basic ${Buffer.from('admin:p').toString('base64')}`
const check = openApiCheck()

/** A line to the other server that holds every answer against the OpenAPI document, and breaks when it is told to. */
class Line {
  readonly #target: URL
  readonly breaches: string[] = []
  readonly asked: string[] = []
  /** Requests to break, each after so many bytes of its body. */
  cuts: number[] = []
  /** Lets the request through, and loses the answer. */
  losesNextAnswer = false
  /** Changes a byte of each file that is handed out. */
  isLying = false
  readonly server: Server

  constructor(target: string) {
    this.#target = new URL(target)
    this.server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing))
  }

  get url(): string {
    const address = this.server.address()
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method = '', url = '', headers } = incoming
    this.asked.push(`${method} ${template(url)}`)
    const cut = method === 'POST' ? this.cuts.shift() : undefined
    let passed = 0
    incoming.on('data', (chunk: Buffer) => {
      passed += chunk.length
      if (cut !== undefined && passed > cut) incoming.socket.destroy()
    })
    const onwards = request({ host: this.#target.hostname, port: this.#target.port, method, path: url, headers })
    onwards.on('error', () => incoming.socket.destroy())
    incoming.on('close', () => (incoming.complete ? undefined : onwards.destroy()))
    onwards.on('response', (answer) => void this.#answer(answer, outgoing, { method, url }))
    incoming.pipe(onwards)
  }

  async #answer(answer: IncomingMessage, outgoing: ServerResponse, { method, url }: { method: string; url: string }): Promise<void> {
    const pieces: Buffer[] = []
    for await (const piece of answer) pieces.push(piece)
    const whole = Buffer.concat(pieces)
    if (method === 'POST' && this.losesNextAnswer) {
      this.losesNextAnswer = false
      outgoing.socket?.destroy()
      return
    }
    const { statusCode: status = 0, headers } = answer
    const contentType = String(headers['content-type']).split(';')[0] ?? ''
    if (!url.includes('/file?'))
      this.breaches.push(...check(method, template(url), { status, contentType, headers, body: whole.toString() }))
    else if (this.isLying) whole[1000] = (whole[1000] ?? 0) ^ 1
    outgoing.writeHead(status, headers).end(whole)
  }
}

/** The path as the document writes it. */
function template(url: string): string {
  return (url.split('?')[0] ?? '').replace(/artifacts\/[0-9a-f-]{36}/, 'artifacts/{id}').replace(/group\/[^/]+$/, 'group/{name}')
}

describe('otabench publish', () => {
  let folder = ''
  let other: Engine
  let client: EngineClient
  let line: Line
  let token = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-publish-'))
    const http = { host: '127.0.0.1', port: 0 }
    other = await createEngine(nodeHost(), { dataFolder: join(folder, 'other'), http, https: null, adminPassword: 'p' })
    client = createRouterClient(other.router)
    line = new Line(other.urls[0] ?? '')
    line.server.listen(0, '127.0.0.1')
    await once(line.server, 'listening')
    const login = await fetch(`${other.urls[0]}/api/management/v1/useradm/auth/login`, {
      method: 'POST',
      headers: { authorization: ADMIN },
    })
    token = await login.text()
    await writeFile(join(folder, 'app.bin'), randomBytes(3_000_000))
    await pack('app-1', 'app.mender')
  })
  afterEach(async () => {
    line.server.closeAllConnections()
    line.server.close()
    await other.close()
    await rm(folder, { recursive: true })
    if (line.breaches.length > 0) throw new Error(line.breaches.join('\n'))
  })

  async function pack(name: string, file: string): Promise<void> {
    const words = `artifact write single-file -n ${name} -t board -f app.bin --dest-dir /opt --compression none -o ${file}`
    expect(await runArtifactLine(words, { cwd: folder })).toMatchObject({ exitCode: 0 })
  }

  const publish = (args: string[], globals = {}): Promise<CommandRun> =>
    runLine(args, { command: publishCommand, cwd: folder, globals: { token, data: join(folder, 'bench'), ...globals } })

  const sha256 = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex')

  /** What the other server has. */
  async function there(): Promise<{ id: string; name: string; sha256: string }[]> {
    return (await now(client.artifacts.list())).map(({ id, name, sha256: sum }) => ({ id, name, sha256: sum }))
  }

  async function aDeviceJoins(): Promise<void> {
    await client.server.setAcceptMode({ acceptMode: 'all' })
    const device = makeDevice('02:00:00:00:00:01')
    const body = authBody(device)
    const headers = { 'content-type': 'application/json', 'x-men-signature': device.sign(body) }
    const answer = await fetch(`${other.urls[0]}/api/devices/v1/authentication/auth_requests`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
  }

  it('sends an artifact bit by bit, and sends it once', async () => {
    const first = await publish(['--json', 'app.mender', '--to', line.url, '--check', '--description', 'from the lab'])
    expect(first).toMatchObject({ exitCode: 0, json: [{ wasThere: false, name: 'app-1', deploymentId: null }] })
    expect(await there()).toMatchObject([{ name: 'app-1', sha256: await sha256(join(folder, 'app.mender')) }])
    expect((await now(client.artifacts.list()))[0]?.description).toBe('from the lab')
    const uploads = () => line.asked.filter((asked) => asked === 'POST /api/management/v1/deployments/artifacts').length
    expect(await publish(['--json', 'app.mender', '--to', line.url])).toMatchObject({ exitCode: 0, json: [{ wasThere: true }] })
    expect(uploads()).toBe(1)
  })

  it('goes on when the connection breaks in the middle, and when only the answer is lost', async () => {
    line.cuts = [1_000_000, 0]
    const broken = await publish(['app.mender', '--to', line.url])
    expect(broken).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^app-1: sent/) })
    expect(broken.stderr.match(/trying again/g)).toHaveLength(2)
    await pack('app-2', 'two.mender')
    line.losesNextAnswer = true
    expect(await publish(['two.mender', '--to', line.url])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^app-2: was there already/),
    })
    expect((await there()).map(({ name }) => name).toSorted()).toEqual(['app-1', 'app-2'])
  })

  it('takes an artifact out of a library that a server is using, and deploys it there', async () => {
    const data = join(folder, 'bench')
    const own = await createEngine(nodeHost(), { dataFolder: data, http: { host: '127.0.0.1', port: 0 }, https: null })
    try {
      const ownClient: EngineClient = createRouterClient(own.router)
      await ownClient.artifacts.add({ path: join(folder, 'app.mender') })
      await expect.poll(async () => (await now(ownClient.artifacts.list())).length).toBe(1)
      // nobody is there yet to deploy to
      expect(await publish(['app-1', '--to', line.url, '--all'])).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('answered 400'),
      })
      await aDeviceJoins()
      expect(await publish(['app-1', '--to', line.url, '--all'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^app-1: was there already .*\ndeployment /),
      })
      expect(await now(client.deployments.list())).toMatchObject([{ artifactName: 'app-1', deviceCount: 1 }])
      expect((await there()).map(({ name }) => name)).toEqual(['app-1'])
      expect(await publish(['no-such', '--to', line.url])).toMatchObject({
        exitCode: 3,
        stderr: expect.stringContaining('no artifact "no-such"'),
      })
    } finally {
      await own.close()
    }
  })

  it('refuses to take the place of another artifact, and says how they differ', async () => {
    await publish(['app.mender', '--to', line.url])
    await writeFile(join(folder, 'app.bin'), randomBytes(3_000_000))
    await pack('app-1', 'changed.mender')
    const run = await publish(['changed.mender', '--to', line.url])
    expect(run).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^error CONFLICT: .*its file app\.bin has another checksum\nhint: /),
    })
  })

  it('notices that what the server hands out is not what was sent', async () => {
    line.isLying = true
    const run = await publish(['app.mender', '--to', line.url, '--check'])
    expect(run).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^error VERIFY_FAILED: /m) })
  })

  it('says what is wrong with the token, the address and the line', async () => {
    const refusals: [string[], object, string][] = [
      [['--to', line.url], { token: 'wrong' }, 'LOGIN_REFUSED'],
      [['--to', line.url], { token: undefined }, 'LOGIN_REFUSED'],
      [['--to', 'there'], {}, 'BAD_INPUT'],
      [['--to', `${line.url}/nowhere`], {}, 'NOT_FOUND'],
      [['--to', line.url, '--all', '--group', 'g'], {}, 'BAD_INPUT'],
      [['--to', line.url], { server: line.url }, 'BAD_INPUT'],
    ]
    for (const [words, globals, code] of refusals)
      expect((await publish(['app.mender', ...words], globals)).stderr).toMatch(new RegExp(`^error ${code}: .+\\nhint: `, 'm'))
    line.breaches.splice(0)
  })
})
