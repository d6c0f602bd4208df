import { randomBytes } from 'node:crypto'
import { rm, truncate } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { abortDeployment } from './deployment-actions.ts'
import { type DeviceBench, openDeviceBench } from './device.cases.ts'

const CONTENT = randomBytes(3_000_000)
const instructions = z.object({ id: z.string(), artifact: z.object({ source: z.object({ uri: z.string() }) }) })

let bench: DeviceBench
let url = ''
beforeEach(async () => {
  bench = await openDeviceBench()
  url = (await bench.server.start({ http: { host: '127.0.0.1', port: 0 } })).http ?? ''
})
afterEach(() => bench[Symbol.asyncDispose]())

const NEXT = '/api/devices/v2/deployments/device/deployments/next'
const STATUS = (id: string) => `/api/devices/v1/deployments/device/deployments/${id}/status`

/** An accepted device with a deployment and the link that it was given. */
async function offered(mac = 'aa') {
  const { id, token } = await bench.join(mac)
  if (bench.store.artifacts.byName('v2').length === 0) await bench.addArtifact('v2', CONTENT)
  bench.deploy('v2', [id])
  const answer = await fetch(`${url}${NEXT}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ device_provides: { artifact_name: 'v1', device_type: 'board' } }),
  })
  const { id: deploymentId, artifact } = instructions.parse(await answer.json())
  return { id, token, deploymentId, uri: artifact.source.uri }
}

const texts = (deviceId: string) => bench.store.timeline.ofDevice(deviceId).map(({ text }) => text)

/** Reads `bytes` of a download and cuts the line, as a device that loses its network. */
async function readAndCut(uri: string, bytes: number): Promise<Buffer> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    request(uri, resolve).on('error', reject).end()
  })
  const chunks: Buffer[] = []
  for await (const chunk of message) {
    chunks.push(Buffer.from(chunk))
    if (chunks.reduce((sum, each) => sum + each.length, 0) >= bytes) break
  }
  message.destroy()
  return Buffer.concat(chunks)
}

describe('a download', () => {
  it('comes from the address that the device used, whole, with its length and type, and without a token', async () => {
    const { uri } = await offered()
    expect(uri.startsWith(`${url}/`)).toBe(true)
    const answer = await fetch(uri, { redirect: 'error', headers: { 'accept-encoding': 'gzip' } })
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-length': String(CONTENT.length),
      'content-type': 'application/vnd.mender-artifact',
    })
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(Buffer.from(await answer.arrayBuffer()).equals(CONTENT)).toBe(true)
  })

  it.each([
    ['bytes=1000000-', 1_000_000, 3_000_000],
    ['bytes=2999999-2999999', 2_999_999, 3_000_000],
    ['bytes=-10', 2_999_990, 3_000_000],
  ])('goes on where %s says, with 206 and the exact bounds', async (range, start, end) => {
    const { uri } = await offered()
    const answer = await fetch(uri, { headers: { range } })
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/3000000`)
    expect(answer.headers.get('content-length')).toBe(String(end - start))
    expect(Buffer.from(await answer.arrayBuffer()).equals(CONTENT.subarray(start, end))).toBe(true)
  })

  it('is refused with 416 behind its end', async () => {
    const { uri } = await offered()
    const answer = await fetch(uri, { headers: { range: 'bytes=3000000-' } })
    expect(answer.status).toBe(416)
    expect(answer.headers.get('content-range')).toBe('bytes */3000000')
  })

  it('tells what has been sent, also when the line breaks, and goes on', async () => {
    const { id, uri, token, deploymentId } = await offered()
    expect(bench.server.transfers.get(id)).toBeNull()
    const first = await readAndCut(uri, 100_000)
    await expect.poll(() => texts(id).at(-1)).toMatch(/Download broke off at byte \d+ of 3000000/)
    const sent = bench.server.transfers.get(id)
    expect(sent).toMatchObject({ totalBytes: 3_000_000 })
    expect(sent?.doneBytes).toBeLessThan(3_000_000)
    const rest = await fetch(uri, { headers: { range: `bytes=${first.length}-` } })
    expect(Buffer.concat([first, Buffer.from(await rest.arrayBuffer())]).equals(CONTENT)).toBe(true)
    await expect.poll(() => texts(id).at(-1)).toBe('Download finished: v2 (3.0 MB)')
    expect(texts(id)).toContain(`Download goes on at byte ${first.length}: v2 (3.0 MB)`)
    expect(bench.server.transfers.get(id)).toEqual({ doneBytes: 3_000_000, totalBytes: 3_000_000 })
    const body = JSON.stringify({ status: 'installing' })
    await fetch(`${url}${STATUS(deploymentId)}`, { method: 'PUT', headers: { authorization: `Bearer ${token}` }, body })
    expect(bench.server.transfers.get(id)).toBeNull()
  })

  it('does not end with the day: the link is good until the deployment is over', async () => {
    const { uri, deploymentId } = await offered()
    bench.clock.now += 90 * 86_400_000
    expect((await fetch(uri, { headers: { range: 'bytes=0-9' } })).status).toBe(206)
    await abortDeployment(bench.actions, deploymentId)
    expect((await fetch(uri)).status).toBe(403)
  })

  it('is refused for a link of somebody else or one that was changed', async () => {
    const [a, b] = [await offered('aa'), await offered('bb')]
    expect((await fetch(a.uri.replace(a.id, b.id))).status).toBe(401)
    const otherFirst = a.uri.replace(/(?<=signature=)./, (first) => (first === 'A' ? 'B' : 'A'))
    expect((await fetch(otherFirst)).status).toBe(401)
    expect((await fetch(a.uri.replace(/\?.*/, ''))).status).toBe(400)
  })

  it('is cut when the server stops and the device takes its time; the files are closed', async () => {
    await bench.addArtifact('v2', Buffer.alloc(30_000_000))
    const { id, uri } = await offered()
    const message = await new Promise<IncomingMessage>((resolve) => {
      request(uri, resolve).end()
    })
    message.on('error', () => undefined).pause()
    await bench.server.stop(100)
    expect(texts(id).at(-1)).toMatch(/broke off/)
  })
})

describe('downloads at a time', () => {
  it('bring each its own bytes, also after others have left', async () => {
    const { uri } = await offered()
    const ranges = Array.from({ length: 40 }, (_, index) => [index * 7919, 3_000_000 - index * 65_521] as const)
    await Promise.all([
      ...ranges.map(async () => readAndCut(uri, 300_000)),
      ...ranges.map(async ([start, end]) => {
        const answer = await fetch(uri, { headers: { range: `bytes=${start}-${end - 1}` } })
        expect(Buffer.from(await answer.arrayBuffer()).equals(CONTENT.subarray(start, end))).toBe(true)
      }),
    ])
  })

  it('break where the file has been cut, and are refused where it is gone', async () => {
    const { uri } = await offered()
    const path = bench.actions.artifactFiles.path(bench.store.artifacts.byName('v2')[0]?.id ?? '')
    await truncate(path, 1_000_000)
    await expect(fetch(uri).then((answer) => answer.arrayBuffer())).rejects.toThrow('terminated')
    await rm(path)
    expect((await fetch(uri)).status).toBe(404)
  })
})

describe('a request over a socket', () => {
  it('may come in chunks, without a length', async () => {
    const { id, token } = await bench.join('aa')
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
      const sent = request(`${url}/api/devices/v1/inventory/device/attributes`, { method: 'PUT', headers }, (answer) =>
        resolve(answer.statusCode),
      )
      sent.on('error', reject)
      sent.write('[{"name":"mem",')
      setTimeout(() => sent.end('"value":"42"}]'), 20)
    })
    expect(status).toBe(200)
    expect(bench.store.inventory.ofDevice(id)).toMatchObject([{ name: 'mem', value: '42' }])
  })

  it('finds a healthy server, and 404 in the error form for what there is not', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const answer = await fetch(`${url}/api/devices/v1/nowhere`)
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({ error: expect.any(String), request_id: expect.any(String) })
  })

  it('is answered where another listens already: that is said in words', async () => {
    const port = Number(new URL(url).port)
    const second = await openDeviceBench()
    await expect(second.server.start({ http: { host: '127.0.0.1', port } })).rejects.toThrow(
      `Something listens on 127.0.0.1:${port} already`,
    )
    await second[Symbol.asyncDispose]()
  })
})
