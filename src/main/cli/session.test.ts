import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toAppError } from '../contract/errors.ts'
import { ADMIN_PASSWORD, type TestEngine, openTestEngine } from '../engine/engine.cases.ts'
import { nodeHost } from '../engine/host.node.ts'
import { freePort } from '../engine/lib/free-port.cases.ts'
import type { CliContext, EngineSession, GlobalOptions } from './context.ts'
import { now } from './live.ts'
import { Printer } from './print.ts'
import { openSession } from './session.ts'

function open(globals: GlobalOptions): Promise<EngineSession> {
  const silent = { write: () => true }
  const context: CliContext = {
    host: nodeHost(),
    out: new Printer({ stdout: silent, stderr: silent }, { isJson: false, isQuiet: false, isVerbose: false, isTerminal: false }),
    signal: new AbortController().signal,
    ...{ cwd: '/', rendererFolder: '', environment: { OTABENCH_ADMIN_PASSWORD: ADMIN_PASSWORD } },
    globals: () => globals,
    openEngine: () => openSession(context),
  }
  return context.openEngine()
}

let bench: TestEngine
let token = ''
beforeAll(async () => {
  bench = await openTestEngine({ https: { host: '127.0.0.1', port: 0 } })
  token = await bench.token()
})
afterAll(() => bench[Symbol.asyncDispose]())

describe('a session with a running engine', () => {
  const data = '/nowhere'
  const trusted = getCACertificates('default')
  afterEach(() => setDefaultCACertificates(trusted))

  it('works over http with the token of a login', async () => {
    await using session = await open({ data, server: bench.url, token })
    expect(await now(session.client.server.status())).toEqual(await now(bench.client.server.status()))
  })

  it('works over https with the CA file of the server, and says what is missing without it', async () => {
    const server = bench.engine.urls[1] ?? ''
    const missing = await open({ data, server, token }).then(({ client }) => now(client.jobs.list()).catch(toAppError))
    expect(missing).toMatchObject({
      code: 'DEVICE_UNREACHABLE',
      message: expect.stringContaining(server),
      hint: expect.stringContaining('--ca'),
    })
    await using session = await open({ data, server, token, ca: bench.engine.caFile ?? '' })
    expect(await now(session.client.artifacts.list())).toEqual(await now(bench.client.artifacts.list()))
  })

  it('is refused without a token and with a wrong one, saying what to do', async () => {
    const without = await open({ data, server: bench.url }).catch(toAppError)
    expect(without).toMatchObject({
      code: 'LOGIN_REFUSED',
      message: `${bench.url} needs a token`,
      hint: expect.stringContaining('--token'),
    })
    await using session = await open({ data, server: bench.url, token: 'wrong' })
    const refusal = { code: 'LOGIN_REFUSED', message: expect.stringContaining(bench.url), hint: expect.stringContaining('Log in') }
    expect(await now(session.client.jobs.list()).catch(toAppError)).toMatchObject(refusal)
    const path = await bench.artifactFile('refused')
    expect(await session.addArtifact({ path, description: '' }).catch(toAppError)).toMatchObject(refusal)
  })

  it('says where nobody listens', async () => {
    const server = `http://127.0.0.1:${await freePort()}`
    await using session = await open({ data, server, token })
    const failed = await now(session.client.jobs.list()).catch(toAppError)
    expect(failed).toMatchObject({
      code: 'DEVICE_UNREACHABLE',
      message: expect.stringContaining(server),
      hint: expect.stringMatching(/URL/),
    })
  })

  it('refuses a --server that is no URL, and a --ca that is not there', async () => {
    for (const server of ['localhost', '127.0.0.1:8080', 'ftp://localhost'])
      expect(await open({ data, server, token }).catch(toAppError)).toMatchObject({
        code: 'BAD_INPUT',
        message: expect.stringContaining(server),
      })
    const ca = await open({ data, server: bench.url, token, ca: '/nowhere/ca.pem' }).catch(toAppError)
    expect(ca).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('/nowhere/ca.pem') })
  })
})

describe.each(['running', 'own'] as const)('taking a file into the library of the %s engine', (kind) => {
  const connect = () => open(kind === 'running' ? { data: '/nowhere', server: bench.url, token } : { data: join(bench.folder, 'own') })

  it('answers its id; the same bytes are there, with the description', async () => {
    await using session = await connect()
    const path = await bench.artifactFile(`release-${kind}`)
    const progress: number[] = []
    const id = await session.addArtifact({ path, description: 'first light', onProgress: (done) => progress.push(done) })
    const bytes = await readFile(path)
    const found = (await now(session.client.artifacts.list())).find((artifact) => artifact.id === id)
    expect(found).toMatchObject({
      ...{ name: `release-${kind}`, description: 'first light', sizeBytes: bytes.length },
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    if (kind === 'own') expect(progress.every((done) => done <= bytes.length)).toBe(true)
  })

  it('names the file that is bad, missing or there already, and keeps nothing of it', async () => {
    await using session = await connect()
    const before = await now(session.client.artifacts.list())
    const bad = join(bench.folder, 'bad.mender')
    await writeFile(bad, 'This is not an artifact.')
    const add = (path: string) => session.addArtifact({ path, description: '' }).catch(toAppError)
    expect(await add(bad)).toMatchObject({ code: 'ARTIFACT_INVALID', message: expect.stringContaining(bad) })
    const missing = join(bench.folder, 'missing.mender')
    expect(await add(missing)).toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(missing), hint: 'Check the path.' })
    const twice = await bench.artifactFile(`release-${kind}`)
    expect(await add(twice)).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(twice), hint: expect.stringMatching(/\S/) })
    expect(await now(session.client.artifacts.list())).toEqual(before)
  })
})
