import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Host, NetworkAddress } from '../host.ts'
import { nodeHost } from '../host.node.ts'
import { type OwnTls, openTls } from './tls.ts'

const DAY_MS = 86_400_000
const lan: NetworkAddress = { interfaceName: 'eth0', address: '192.0.2.7', family: 4, prefixLength: 24, isLoopback: false }

describe('the TLS of the server', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otabench-tls-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** This machine, with a lab address and at another time. */
  function machine(options: { laterMs?: number; addresses?: NetworkAddress[] } = {}): Host {
    const host = nodeHost()
    const { laterMs = 0, addresses = [lan] } = options
    return {
      ...host,
      clock: { ...host.clock, now: () => host.clock.now() + laterMs },
      network: { addresses: () => addresses, hostName: () => 'Bench-PC' },
    }
  }

  it('satisfies the strict check of openssl, also on a board that believes in 1970', async () => {
    await openTls({ host: machine(), folder })
    for (const time of [[], ['-attime', '86400']]) {
      const result = await nodeHost().programs.run('openssl', [
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        ...time,
        '-CAfile',
        `${folder}/ca.pem`,
        `${folder}/server.pem`,
      ])
      expect(result).toMatchObject({ exitCode: 0, stdout: `${folder}/server.pem: OK\n` })
    }
  })

  it('is trusted by address and by name over a real connection', async () => {
    const tls = await openTls({ host: machine(), folder })
    const server = createServer({ key: tls.key, cert: tls.cert }, (_, response) => response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      for (const name of ['127.0.0.1', 'localhost']) expect(await fetchText(`https://${name}:${port}/`, tls)).toBe('hello')
    } finally {
      server.close()
    }
  })

  it('names every address and name of the machine', async () => {
    const { cert } = await openTls({ host: machine(), folder })
    const read = new X509Certificate(cert)
    for (const address of ['127.0.0.1', '::1', '192.0.2.7']) expect(read.checkIP(address)).toBe(address)
    for (const name of ['localhost', 'bench-pc', 'bench-pc.local']) expect(read.checkHost(name)).toBe(name)
    expect(read.checkHost('example.com')).toBeUndefined()
  })

  it('keeps its private keys to the user', async () => {
    await openTls({ host: machine(), folder })
    for (const name of ['ca.key', 'server.key']) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  })

  it('stays the same from one start to the next', async () => {
    const first = await openTls({ host: machine(), folder })
    expect(await openTls({ host: machine({ laterMs: 100 * DAY_MS }), folder })).toEqual(first)
  })

  it('gets a new server certificate of the same authority when it ends soon, or when the machine has a new address', async () => {
    const first = await openTls({ host: machine(), folder })
    const moved = await openTls({ host: machine({ addresses: [{ ...lan, address: '192.0.2.8' }] }), folder })
    const later = await openTls({ host: machine({ laterMs: 650 * DAY_MS, addresses: [{ ...lan, address: '192.0.2.8' }] }), folder })
    expect(new Set([first.cert, moved.cert, later.cert]).size).toBe(3)
    expect(new X509Certificate(moved.cert).checkIP('192.0.2.8')).toBe('192.0.2.8')
    expect(later.expiresAt).toBeGreaterThan(moved.expiresAt)
    expect([moved.caPem, later.caPem]).toEqual([first.caPem, first.caPem])
  })

  it('gets a new server certificate when its key is not the one on disk', async () => {
    const first = await openTls({ host: machine(), folder })
    await writeFile(join(folder, 'server.key'), await openTls({ host: machine(), folder: join(folder, 'other') }).then(({ key }) => key))
    expect((await openTls({ host: machine(), folder })).cert).not.toBe(first.cert)
  })

  it('refuses to replace an authority that lost its key', async () => {
    await openTls({ host: machine(), folder })
    await rm(join(folder, 'ca.key'))
    await expect(openTls({ host: machine(), folder })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  })
})

function fetchText(url: string, { caPem }: OwnTls): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { ca: caPem }, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('end', () => resolve(text))
    }).on('error', reject)
  })
}
