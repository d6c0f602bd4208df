import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRouterClient } from '@orpc/server'
import { runLine } from '../../cli/command.cases.ts'
import { certificateCommand } from '../../cli/commands/certificate.ts'
import type { EngineClient } from '../../cli/context.ts'
import { now } from '../../cli/live.ts'
import { type EngineOptions, createEngine } from '../engine.ts'
import type { Host } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { openStore } from '../store/open.ts'
import { openCertificate } from './certificate.ts'
import { CertificateKeeper } from './certificate-keeper.ts'

const DAY_MS = 86_400_000
/** What a client hears that is sent away: the alert, or that the connection is closed, while it sends or while it waits. */
const REFUSED = /alert|ECONNRESET|EPIPE|socket hang up/

describe('the certificate of the https listener', () => {
  let folder = ''
  const at = (name: string) => join(folder, name)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-certificate-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })

  /** An authority of openssl's. */
  function makeAuthority(name: string): void {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-days',
      '30',
      ...into(name),
    )
  }

  function makeLeaf(name: string, authority: string): void {
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    )
    writeFileSync(at('san'), 'subjectAltName=IP:127.0.0.1')
    const issuer = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial']
    openssl('x509', '-req', '-in', `${name}.csr`, ...issuer, '-days', '30', '-extfile', 'san', '-out', `${name}.pem`)
  }

  const into = (name: string) => ['-keyout', `${name}.key`, '-out', `${name}.pem`]
  const pem = (name: string) => execFileSync('cat', [at(name)], { encoding: 'utf8' })

  async function serve(options: Partial<EngineOptions>, host: Host = nodeHost()) {
    return createEngine(host, { dataFolder: at('data'), http: null, https: { host: '127.0.0.1', port: 0 }, ...options })
  }

  it('may come from another authority, and is the one that clients see', async () => {
    makeAuthority('ca')
    makeLeaf('server', 'ca')
    await using engine = disposable(await serve({ certificate: { given: { certFile: at('server.pem'), keyFile: at('server.key') } } }))
    expect(engine.caFile).toBeNull()
    expect(await health(engine.urls[0], { ca: pem('ca.pem') })).toBe(200)
  })

  it('lets in only who has a certificate of the client authority, when one is named', async () => {
    makeAuthority('clients')
    makeAuthority('strangers')
    makeLeaf('device', 'clients')
    makeLeaf('stranger', 'strangers')
    await using engine = disposable(await serve({ certificate: { clientCaFile: at('clients.pem') } }))
    const ca = pem('data/tls/ca.pem')
    expect(await health(engine.urls[0], { ca, cert: pem('device.pem'), key: pem('device.key') })).toBe(200)
    await expect(health(engine.urls[0], { ca })).rejects.toThrow(REFUSED)
    await expect(health(engine.urls[0], { ca, cert: pem('stranger.pem'), key: pem('stranger.key') })).rejects.toThrow(REFUSED)
  })

  it('is refused with the file that will not do', async () => {
    makeAuthority('ca')
    makeAuthority('other')
    openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=old', '-days', '1', ...into('old'))
    writeFileSync(at('none.pem'), 'hello')
    const given = (certFile: string, keyFile: string) => ({ given: { certFile: at(certFile), keyFile: at(keyFile) } })
    const later = { ...nodeHost(), clock: { ...nodeHost().clock, now: () => Date.now() + 2 * DAY_MS } }
    const refusal = (choice: Parameters<typeof openCertificate>[0]['choice'], host: Host = nodeHost()) =>
      openCertificate({ host, folder: at('tls'), choice }).catch((thrown: unknown) => thrown)
    const badInput = (words: string) => ({ code: 'BAD_INPUT', message: expect.stringContaining(words) })
    expect(await refusal(given('none.pem', 'ca.key'))).toMatchObject(badInput('none.pem holds no certificate'))
    expect(await refusal(given('ca.pem', 'none.pem'))).toMatchObject(badInput('none.pem holds no private key'))
    expect(await refusal(given('ca.pem', 'other.key'))).toMatchObject(badInput('is not the key'))
    expect(await refusal(given('gone.pem', 'ca.key'))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await refusal(given('old.pem', 'old.key'), later)).toMatchObject(badInput('ended on'))
    expect(await refusal({ clientCaFile: at('none.pem') })).toMatchObject(badInput('none.pem'))
  })

  it('is renewed while the server runs, before it ends, and shown to who connects then', async () => {
    const time: { laterMs: number; pass: (() => void) | null } = { laterMs: 0, pass: null }
    const real = nodeHost()
    // the minute after which it looks again passes when the test says so
    const minute = (signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        time.pass = resolve
        signal?.addEventListener('abort', () => resolve())
      })
    const host: Host = {
      ...real,
      clock: {
        now: () => Date.now() + time.laterMs,
        sleep: (ms, signal) => (ms === 60_000 ? minute(signal) : real.clock.sleep(ms, signal)),
      },
    }
    await using engine = disposable(await serve({}, host))
    const first = await shown(engine.urls[0])
    time.laterMs = 650 * DAY_MS
    await expect.poll(() => time.pass).not.toBeNull()
    time.pass?.()
    await expect.poll(() => shown(engine.urls[0])).not.toBe(first)
    expect(await health(engine.urls[0], { ca: pem('data/tls/ca.pem') })).toBe(200)
  })

  it('stays the one that was chosen last, though the files of the one before are just being looked at', async () => {
    makeAuthority('ca')
    for (const name of ['one', 'two']) makeLeaf(name, 'ca')
    const files = (name: string) => ({ certFile: at(`${name}.pem`), keyFile: at(`${name}.key`) })
    const real = nodeHost()
    const [looking, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const minutes: (() => void)[] = []
    const held = { isHeld: false }
    const host: Host = {
      ...real,
      clock: { now: () => Date.now(), sleep: () => new Promise((resolve) => minutes.push(resolve)) },
      files: {
        ...real.files,
        open: async (path, ...how) => {
          if (held.isHeld && path === at('one.key')) {
            looking.resolve()
            await letGo.promise
          }
          return real.files.open(path, ...how)
        },
      },
    }
    const store = openStore(':memory:')
    const keeper = new CertificateKeeper({ host, store, folder: at('tls'), fixed: {} })
    await keeper.use(files('one'))
    const ending = new AbortController()
    const watching = keeper.watch(() => undefined, ending.signal)
    held.isHeld = true
    minutes.shift()?.()
    await looking.promise
    const used = keeper.use(files('two'))
    // So long it would take if it did not wait.
    await Promise.race([used, new Promise((resolve) => setTimeout(resolve, 500))])
    letGo.resolve()
    await used
    await expect.poll(() => minutes.length).toBe(1)
    expect(keeper.facts()).toMatchObject({ subject: 'CN=two', certFile: at('two.pem') })
    ending.abort()
    minutes.shift()?.()
    await watching
    store.close()
  })

  it('is exchanged while the server runs, and one that has gone keeps the server from nothing', async () => {
    makeAuthority('ca')
    makeLeaf('server', 'ca')
    const engine = await serve({})
    const client: EngineClient = createRouterClient(engine.router)
    const certificate = (...args: string[]) => runLine(args, { command: certificateCommand, client, cwd: folder })
    const first = await shown(engine.urls[0])
    expect((await certificate('renew')).exitCode).toBe(0)
    const renewed = await shown(engine.urls[0])
    expect(renewed).not.toBe(first)
    expect((await certificate('show')).stdout).toMatch(new RegExp(`^SHA-256: +${renewed.replaceAll(':', '').toLowerCase()}$`, 'm'))
    const refused = await certificate('use', 'server.pem', 'ca.key')
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining('is not the key of the certificate')])
    expect(await shown(engine.urls[0])).toBe(renewed)

    expect((await certificate('use', 'server.pem', 'server.key')).stdout).toBe(`in use: ${at('server.pem')}\n`)
    expect(await health(engine.urls[0], { ca: pem('ca.pem') })).toBe(200)
    expect(await now(client.server.status())).toMatchObject({
      ...{ caFile: null, caPem: null },
      certificate: { isOwn: false, subject: 'CN=server', issuer: 'CN=ca', names: ['127.0.0.1'], certFile: at('server.pem'), problem: '' },
    })
    expect((await certificate('renew')).stderr).toContain('one of another authority')
    await engine.close()

    rmSync(at('server.key'))
    const again = await serve({})
    const client2: EngineClient = createRouterClient(again.router)
    expect(await health(again.urls[0], { ca: pem('data/tls/ca.pem') })).toBe(200)
    expect(await now(client2.server.status())).toMatchObject({
      certificate: { isOwn: true, problem: expect.stringContaining('server.key') },
    })
    expect((await runLine(['own'], { command: certificateCommand, client: client2, cwd: folder })).exitCode).toBe(0)
    expect(await now(client2.server.status())).toMatchObject({ certificate: { isOwn: true, problem: '' } })
    await again.close()

    const fixed = await serve({ certificate: { given: { certFile: at('ca.pem'), keyFile: at('ca.key') } } })
    const client3: EngineClient = createRouterClient(fixed.router)
    expect((await runLine(['own'], { command: certificateCommand, client: client3, cwd: folder })).stderr).toContain('--cert')
    await fixed.close()
  })

  /** The fingerprint of what the listener shows. */
  function shown(url: string | undefined): Promise<string> {
    const { hostname, port } = new URL(url ?? '')
    return new Promise((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), ca: pem('data/tls/ca.pem') }, () => {
        resolve(socket.getPeerCertificate().fingerprint256)
        socket.destroy()
      })
      socket.on('error', reject)
    })
  }
})

function disposable<T extends { close(): Promise<void> }>(engine: T): T & AsyncDisposable {
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.close() })
}

function health(url: string | undefined, options: RequestOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    request(`${url}/healthz`, { ...options, agent: false }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}
