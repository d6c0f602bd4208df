import { createHash, createHmac, generateKeyPairSync } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeArtifact } from '../device/test-device.cases.ts'
import { libraryCheck } from '../artifact/read.ts'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
/** The keys that the server knows. */
const signers: { name: string; publicKeyPem: string }[] = []
beforeEach(async () => {
  bench = await openBench(libraryCheck(() => signers))
})
afterEach(() => bench[Symbol.asyncDispose]())

const API = '/api/management'
const auth = () => ({ authorization: `Bearer ${bench.token}` })
const send = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  payload?: string | object | Buffer,
  headers: Record<string, string> = {},
) =>
  bench.app.inject({
    method,
    url: `${API}${url}`,
    headers: { ...auth(), ...(typeof payload === 'string' ? { 'content-type': 'application/json' } : {}), ...headers },
    ...(payload !== undefined && { payload }),
  })

/** The server is as it was: it answers, and holds nothing of what was sent. */
async function isSound(): Promise<void> {
  expect((await send('GET', '/v1/useradm/users/me')).statusCode).toBe(200)
  expect(await readdir(bench.folder, { recursive: true })).toEqual(['tmp'])
}

const JSON_ROUTES: ['POST' | 'PUT' | 'PATCH', string][] = [
  ['POST', '/v1/deployments/deployments'],
  ['POST', '/v2/deployments/deployments'],
  ['POST', '/v1/deployments/deployments/statistics/list'],
  ['POST', '/v2/devauth/devices'],
  ['POST', '/v2/devauth/devices/search'],
  ['POST', '/v2/inventory/filters'],
  ['POST', '/v2/inventory/filters/search'],
  ['POST', '/v1/useradm/users'],
  ['POST', '/v1/useradm/settings'],
  ['POST', '/v1/useradm/settings/tokens'],
  ['PUT', '/v2/deployments/deployments/releases/x/tags'],
]

describe('a body', () => {
  it.each(JSON_ROUTES)('of %s %s that is too large, cut, no JSON or too deep costs its own request only', async (method, path) => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    for (const [payload, statuses] of [
      ['"'.padEnd((1 << 20) + 2, 'x'), [413]],
      ['{"name":', [400]],
      ['\u0000\u0001', [400]],
      [deep, [400, 404]],
      ['{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}', [400, 404]],
      ['null', [400, 404]],
      ['1e999', [400, 404]],
    ] as const) {
      const { statusCode } = await send(method, path, payload)
      // A search takes every JSON that it does not understand as no condition, and settings keep any object.
      expect([payload.slice(0, 40), statusCode]).toEqual([payload.slice(0, 40), expect.toSatisfy((status: number) => status < 500)])
      if (statuses.some((status) => status === 413)) expect(statusCode).toBe(413)
    }
    expect('isAdmin' in {}).toBe(false)
    await isSound()
  })

  it('of another type than JSON is refused', async () => {
    expect((await send('POST', '/v1/deployments/deployments', Buffer.from('<xml/>'), { 'content-type': 'text/xml' })).statusCode).toBe(415)
    expect(
      (await send('POST', '/v1/deployments/deployments', Buffer.from('a=b'), { 'content-type': 'application/x-www-form-urlencoded' }))
        .statusCode,
    ).toBe(415)
  })
})

const SQL = [`'; DROP TABLE device; --`, `" OR "1"="1`, `x' UNION SELECT password_hash FROM user --`, `%' OR 1=1 --`]

describe('text that is SQL', () => {
  it('is only text, wherever it comes', async () => {
    const device = bench.addDevice('a')
    for (const text of SQL) {
      const encoded = encodeURIComponent(text)
      const answers = await Promise.all([
        send('GET', `/v2/devauth/devices?id=${encoded}`),
        send('GET', `/v2/devauth/devices/${encoded}`),
        send('GET', `/v1/deployments/artifacts?name=${encoded}&description=${encoded}`),
        send('GET', `/v2/deployments/deployments?id=${encoded}&name=${encoded}`),
        send('GET', `/v1/inventory/devices?sort=${encoded}`),
        send(
          'POST',
          '/v2/inventory/filters/search',
          JSON.stringify({ text, filters: [{ scope: 'inventory', attribute: text, type: '$regex', value: text }] }),
        ),
        send('PUT', `/v1/inventory/devices/${device}/tags`, JSON.stringify([{ name: 'note', value: text }])),
        send('POST', '/v1/useradm/users', JSON.stringify({ email: text, password: 'long enough' })),
      ])
      for (const { statusCode, body } of answers) {
        expect(statusCode).toBeLessThan(500)
        expect(body).not.toContain('scrypt$')
      }
    }
    expect(bench.parts.store.devices.get(device)?.id).toBe(device)
    expect(bench.parts.store.users.list()).toHaveLength(1 + SQL.length)
    expect(bench.parts.store.users.byName(SQL[0] ?? '')?.name).toBe(SQL[0])
  })
})

describe('text that is a header or a path', () => {
  it('splits no answer: names with line breaks stay out of headers', async () => {
    const name = 'v1\r\nSet-Cookie: JWT=evil'
    for (const url of [
      `/v1/deployments/artifacts/list?name=${encodeURIComponent(name)}`,
      `/v2/devauth/devices?status=accepted&x=${encodeURIComponent(name)}`,
    ]) {
      const { headers } = await send('GET', url)
      expect(headers['set-cookie']).toBeUndefined()
      expect(String(headers['link'])).not.toMatch(/[\r\n]/)
    }
    const host = await send('GET', '/v1/useradm/users/me', undefined, { host: 'evil.example' })
    expect(host.headers['location']).toBeUndefined()
  })

  it.each([
    '../../../etc/passwd',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e/%2e%2e/bench.db',
    'tmp/../../bench.db',
    '%00',
    'a%00.mender',
    '%ff%fe',
  ])('reads and removes no other file: %s', async (id) => {
    for (const [method, url] of [
      ['GET', `/v1/deployments/artifacts/${id}`],
      ['GET', `/v1/deployments/artifacts/${id}/download`],
      ['DELETE', `/v1/deployments/artifacts/${id}`],
      ['PUT', `/v1/deployments/artifacts/directupload/${id}/file?expire=1&signature=AA`],
    ] as const) {
      const { statusCode, body } = await send(method, url)
      expect([url, statusCode]).toEqual([url, expect.toSatisfy((status: number) => status >= 400 && status < 500)])
      expect(body).not.toMatch(/root:|SQLite/)
    }
    await isSound()
  })
})

describe('a forged token', () => {
  it('opens nothing: no signature, another one, none as algorithm, other claims, another kind', async () => {
    const [head = '', claims = '', signature = ''] = bench.token.split('.')
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString())
    const guessed = (key: string): string => createHmac('sha256', key).update(`${head}.${claims}`).digest('base64url')
    const forged = [
      `${head}.${claims}.`,
      `${head}.${claims}`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${claims}.${signature}`,
      `${head}.${encode({ ...read, exp: 99_999_999_999 })}.${signature}`,
      `${head}.${encode({ ...read, sub: 'other' })}.${signature}`,
      `${head}.${claims}.${guessed('')}`,
      `${head}.${claims}.${guessed('secret')}`,
      `${head}.${claims}.${signature.slice(0, -2)}`,
      '..',
      'a'.repeat(10_000),
      `${bench.token}.x`,
    ]
    for (const token of forged) {
      const { statusCode } = await bench.app.inject({
        method: 'GET',
        url: `${API}/v1/useradm/users/me`,
        headers: { authorization: `Bearer ${token}` },
      })
      expect([token.slice(0, 60), statusCode]).toEqual([token.slice(0, 60), 401])
    }
    await isSound()
  })
})

const BOUNDARY = 'x-boundary'
function upload(file: Buffer) {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="artifact"; filename="a.mender"\r\nContent-Type: application/octet-stream\r\n\r\n`
  const payload = Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)])
  return send('POST', '/v1/deployments/artifacts', payload, { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` })
}

/** A ustar entry. */
function tarEntry(name: string, content: Buffer, size = content.length): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000644\0', 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write('0', 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)])
}

/** Where an entry of a tar lies, with its header. */
function entryAt(tar: Buffer, name: string): { start: number; end: number } {
  for (let start = 0; start < tar.length;) {
    const header = tar.subarray(start, start + 512)
    const size = Number.parseInt(header.subarray(124, 136).toString(), 8) || 0
    const end = start + 512 + Math.ceil(size / 512) * 512
    if (header.subarray(0, name.length + 1).toString() === `${name}\0`) return { start, end }
    start = end
  }
  throw new Error(`there is no ${name}`)
}

function without(tar: Buffer, name: string): Buffer {
  const { start, end } = entryAt(tar, name)
  return Buffer.concat([tar.subarray(0, start), tar.subarray(end)])
}

describe('an upload', () => {
  it('whose signature was cut out, or taken from another artifact, is not called signed by anybody', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    signers.push({ name: 'release', publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString() })
    const signed = async (name: string) => Buffer.from(await makeArtifact({ name, privateKeyPem }))
    const [good, other, stripped, swapped] = [
      await signed('good'),
      await signed('other'),
      await signed('stripped'),
      await signed('swapped'),
    ]
    await upload(good)
    await upload(without(stripped, 'manifest.sig'))
    const own = entryAt(swapped, 'manifest.sig')
    const foreign = entryAt(other, 'manifest.sig')
    await upload(Buffer.concat([swapped.subarray(0, own.start), other.subarray(foreign.start, foreign.end), swapped.subarray(own.end)]))
    const kept = bench.parts.store.artifacts.list().map(({ content }) => [content.name, content.signature.verifiedBy])
    expect(kept.toSorted()).toEqual([
      ['good', 'release'],
      ['stripped', null],
      ['swapped', null],
    ])
    expect(bench.parts.store.artifacts.byName('stripped')[0]?.content.signature.present).toBe(false)
  })

  it('that was changed or cut anywhere is refused', async () => {
    const file = Buffer.from(await makeArtifact({ name: 'v1' }))
    for (let at = 3000; at < file.length - 2000; at += Math.floor(file.length / 6)) {
      const changed = Buffer.from(file)
      changed[at] = (changed[at] ?? 0) ^ 0xff
      expect((await upload(changed)).statusCode).toBe(400)
    }
    expect((await upload(file.subarray(0, file.length / 2))).statusCode).toBe(400)
    await isSound()
  })

  it('that expands to gigabytes in its header is cut off early', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20))
    const before = process.memoryUsage.rss()
    const version = tarEntry('version', Buffer.from('{"format":"mender","version":3}'))
    const manifest = tarEntry('manifest', Buffer.from(`${createHash('sha256').update(bomb).digest('hex')}  header.tar.gz\n`))
    const answer = await upload(Buffer.concat([version, manifest, tarEntry('header.tar.gz', bomb), Buffer.alloc(1024)]))
    expect(answer.statusCode).toBe(400)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20)
    await isSound()
  })

  it('of entries that claim more than there is, of odd names or of nothing is refused', async () => {
    const version = tarEntry('version', Buffer.from('{"format":"mender","version":3}'))
    for (const file of [
      Buffer.concat([version, tarEntry('manifest', Buffer.alloc(10), 8 ** 11 - 1)]),
      Buffer.concat([tarEntry('../../../tmp/evil', Buffer.from('x')), Buffer.alloc(1024)]),
      Buffer.concat([version, tarEntry('/etc/passwd', Buffer.from('x')), Buffer.alloc(1024)]),
      Buffer.alloc(10_240),
      gzipSync(Buffer.alloc(16 << 20)),
      Buffer.from('PK\x03\x04'),
    ])
      expect((await upload(file)).statusCode).toBe(400)
    await isSound()
  })
})

describe('a connection', () => {
  it('that sends nonsense, half a request or endless headers is answered or closed, and the others go on', async () => {
    const { port } = new URL(await bench.app.listen({ port: 0, host: '127.0.0.1' }))
    const talk = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text))
        let heard = ''
        socket.on('data', (chunk: Buffer) => (heard += chunk.toString()))
        socket.on('error', () => resolve(heard))
        socket.on('close', () => resolve(heard))
      })
    const head = `GET ${API}/v1/useradm/users/me HTTP/1.1\r\nhost: x\r\n`
    expect(await talk('\x16\x03\x01\x02\x00nonsense\r\n\r\n')).toMatch(/^(HTTP\/1.1 400|$)/)
    expect(await talk(`${head}x: ${'y'.repeat(100_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/)
    expect(await talk(`${head}transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n`)).not.toContain(
      '/evil',
    )
    await isSound()
  })
})
