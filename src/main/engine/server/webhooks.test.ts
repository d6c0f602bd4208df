import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runLine } from '../../cli/command.cases.ts'
import { webhooksCommand } from '../../cli/commands/webhooks.ts'
import { now, until } from '../../cli/live.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { openStore } from '../store/open.ts'
import { MAX_EVENTS } from '../store/migration-webhooks.ts'
import { endSliceBySlice } from './end-deployments.ts'
import { noteSilence, setSilenceRule } from './silent-devices.ts'

interface Told {
  body: string
  signature: string
}

/** A program that is told; it answers with what `statuses` say, then with 204. */
async function openReceiver(statuses: number[] = []) {
  const told: Told[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      told.push({ body: Buffer.concat(chunks).toString(), signature: String(request.headers['x-men-signature']) })
      response.writeHead(statuses.shift() ?? 204).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook`
  return { told, url, [Symbol.asyncDispose]: async () => void server.close() }
}

describe('a webhook', () => {
  let bench: TestEngine
  beforeEach(async () => {
    bench = await openTestEngine()
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const webhooks = (...args: string[]) => runLine(args, { command: webhooksCommand, client: bench.client, cwd: bench.folder })
  const announce = (mac: string) =>
    bench.client.devices.preauthorize({
      identity: { mac },
      publicKeyPem: generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    })

  it('is told in order what happens, signed so that openssl agrees, again after a failure, and no more when it is removed', async () => {
    await using receiver = await openReceiver([503])
    await announce('02:00:00:00:00:01')
    expect((await webhooks('add', receiver.url, '--secret', 'a long secret')).stdout).toContain('secret: a long secret')
    const { id } = await announce('02:00:00:00:00:02')
    await bench.client.devices.decommission({ id })
    await expect.poll(() => receiver.told.length).toBe(3)
    const [first, again, last] = receiver.told.map(({ body }) => JSON.parse(body))
    expect(first).toEqual(again)
    expect(first).toMatchObject({
      type: 'device-status',
      time: expect.stringMatching(/Z$/),
      data: { status: 'preauthorized', device: { id } },
    })
    expect(last).toMatchObject({ type: 'device-status', data: { status: 'decommissioned', device: { id } } })
    const { body = '', signature } = receiver.told[0] ?? {}
    const openssl = promisify(execFile)('openssl', ['dgst', '-sha256', '-hmac', 'a long secret'])
    openssl.child.stdin?.end(body)
    expect((await openssl).stdout).toContain(signature)
    const [shown] = await until(bench.client.webhooks.list(), ([each]) => each?.waitingCount === 0)
    expect(shown).toMatchObject({ url: receiver.url, lastError: '', droppedCount: 0 })
    expect((await webhooks('list')).stdout).toMatch(/^ID +URL +EVENTS .*\n\S+ +http:\/\/127\S+ +everything +0 +0 +20\S+Z +-\n$/)
    expect((await webhooks('remove', receiver.url)).exitCode).toBe(0)
    await announce('02:00:00:00:00:03')
    expect(await now(bench.client.webhooks.list())).toEqual([])
    expect(receiver.told).toHaveLength(3)
  })

  it('is told only of what it wants, and of each step of a deployment', async () => {
    await using receiver = await openReceiver()
    await webhooks('add', receiver.url, '--event', 'deployment-created,deployment-device-status', 'deployment-finished')
    const device = await bench.addDevice('02:00:00:00:00:01')
    await bench.addArtifact('v2')
    const { id } = await bench.client.deployments.create({ name: 'd', artifactName: 'v2', target: { kind: 'devices', ids: [device.id] } })
    await until(bench.client.deployments.show({ id }), ({ status }) => status === 'finished')
    const types = () => receiver.told.map(({ body }) => `${JSON.parse(body).type} ${JSON.parse(body).data.status}`)
    await expect.poll(() => types().at(-1)).toBe('deployment-finished finished')
    expect(types()).toEqual(
      expect.arrayContaining(['deployment-created pending', 'deployment-device-status downloading', 'deployment-device-status success']),
    )
    expect(JSON.parse(receiver.told[0]?.body ?? '')).toMatchObject({ data: { deployment: { id, name: 'd', artifact_name: 'v2' } } })
  })

  it('that nobody answers says so, and holds up nobody', async () => {
    await using receiver = await openReceiver()
    await webhooks('add', 'http://127.0.0.1:9/none')
    await webhooks('add', receiver.url)
    await announce('02:00:00:00:00:01')
    await expect.poll(() => receiver.told.length).toBe(1)
    const [silent] = await until(bench.client.webhooks.list(), ([each]) => each?.lastError !== '')
    expect(silent).toMatchObject({ waitingCount: 1, lastError: expect.stringMatching(/^It could not be reached: /) })
  })

  it('can be tested, shows what came of each try, and sends one again when told to', async () => {
    await using receiver = await openReceiver([204, 500, 503])
    await webhooks('add', receiver.url)
    const tested = await webhooks('test', receiver.url)
    expect(tested.stdout).toMatch(/^http:\S+: taken, 204 in \d+ ms\n$/)
    expect(JSON.parse(receiver.told[0]?.body ?? '')).toMatchObject({ type: 'test', data: { status: 'test' } })
    const failing = await webhooks('test', receiver.url)
    expect([failing.exitCode, failing.stderr]).toEqual([1, expect.stringContaining('HTTP status 500')])
    const { id } = await announce('02:00:00:00:00:01')
    await bench.client.devices.decommission({ id })
    const [hook] = await until(bench.client.webhooks.list(), ([each]) => each?.waitingCount === 0)
    const told = await now(bench.client.webhooks.deliveries({ id: hook?.id ?? '' }))
    expect(told.map(({ kind, status, isWaiting }) => [kind, status, isWaiting])).toEqual([
      ['device-status', 204, false],
      ['device-status', 204, false],
      ['device-status', 503, false],
      ['test', 500, false],
      ['test', 204, false],
    ])
    expect(told[0]).toMatchObject({ error: '', about: expect.stringContaining('decommissioned') })
    const again = String(told[4]?.id)
    expect((await webhooks('retry', receiver.url, again)).exitCode).toBe(0)
    expect(receiver.told.at(-1)).toEqual(receiver.told[0])
    expect((await webhooks('deliveries', receiver.url)).stdout).toMatch(
      /^ID +TIME +EVENT +ABOUT +OUTCOME\n\d+ +20\S+Z +test +a test +taken/,
    )
    expect((await webhooks('retry', receiver.url, '999999')).exitCode).toBe(3)
    expect((await webhooks('retry', receiver.url, 'x')).exitCode).toBe(2)
    expect((await webhooks('test', 'none')).exitCode).toBe(3)
  })

  it('that failed and waits is due at once when told to be', async () => {
    const statuses = Array.from({ length: 100 }, () => 503)
    await using receiver = await openReceiver(statuses)
    await webhooks('add', receiver.url)
    await announce('02:00:00:00:00:01')
    await announce('02:00:00:00:00:02')
    const [hook] = await until(bench.client.webhooks.list(), ([each]) => each?.lastError !== '')
    const id = hook?.id ?? ''
    // each try that fails doubles the wait for the next
    for (let count = 1; count <= 3; count += 1) {
      const failed = await until(bench.client.webhooks.deliveries({ id }), (all) => all.length >= count)
      const [newest] = failed
      expect(newest).toMatchObject({ isWaiting: true, status: 503 })
      if (count === 3) statuses.length = 0
      await bench.client.webhooks.retry({ id, deliveryId: newest?.id ?? 0 })
    }
    await until(bench.client.webhooks.list(), ([each]) => each?.waitingCount === 0)
  })

  it('is refused when it is no address of HTTP, or wants what does not happen', async () => {
    for (const args of [
      ['ftp://x'],
      ['file:///etc/passwd'],
      ['nonsense'],
      ['http://x', '--event', 'rain'],
      ['http://x', '--secret', 'short'],
    ])
      expect([args, (await webhooks('add', ...args)).exitCode]).toEqual([args, 2])
    expect((await webhooks('remove', 'none')).exitCode).toBe(3)
  })
})

describe('events', () => {
  it('are written only while somebody wants to hear of them, and so many at most', () => {
    const store = openStore(':memory:')
    try {
      const add = (number: number) =>
        store.devices.add({ id: `d${number}`, identityHash: `h${number}`, identity: { mac: '1' }, createdAt: 1 })
      const flip = (status: 'pending' | 'accepted') =>
        store.authsets.setStatuses('d1', { statuses: new Map(), deviceStatus: status, at: 1 })
      add(1)
      flip('pending')
      expect(store.webhooks.nextEvent(0)).toBeNull()
      store.webhooks.add({ id: 'w', url: 'http://x', secret: 's', kinds: [], createdAt: 1 })
      store.transaction(() => {
        for (let count = 0; count < MAX_EVENTS / 2 + 50; count += 1) for (const status of ['accepted', 'pending'] as const) flip(status)
      })
      expect(store.webhooks.list()).toMatchObject([{ waitingCount: MAX_EVENTS }])
      expect(store.webhooks.nextEvent(0)?.id).toBe(101)
    } finally {
      store.close()
    }
  })

  it('are looked for no further when the store is closed meanwhile', async () => {
    const store = openStore(':memory:')
    for (const id of ['a', 'b', 'c']) {
      store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: 1 })
      store.authsets.setStatuses(id, { statuses: new Map(), deviceStatus: 'accepted', at: 1 })
    }
    const looking = noteSilence(store, 2000, 1)
    store.close()
    expect(await looking).toBeUndefined()
    expect(await noteSilence(store, 3000, 1)).toBeUndefined()
    expect(await endSliceBySlice({ store, now: () => 1 }, 'gone')).toBeUndefined()
  })

  it('tell of a device that falls silent and is heard again, once each', async () => {
    const store = openStore(':memory:')
    try {
      store.webhooks.add({ id: 'w', url: 'http://x', secret: 's', kinds: ['device-silent'], createdAt: 1 })
      store.devices.add({ id: 'd', identityHash: 'h', identity: { mac: '1' }, createdAt: 1 })
      store.authsets.setStatuses('d', { statuses: new Map(), deviceStatus: 'accepted', at: 1 })
      const hear = (at: number) => store.lastSeen.set('d', { lastSeenAt: at, lastPollAt: at, pollIntervalMs: 1000 })
      hear(1000)
      for (const at of [2000, 60_000, 61_000]) await noteSilence(store, at, 1)
      hear(70_000)
      for (const at of [71_000, 72_000]) await noteSilence(store, at, 1)
      expect(store.webhooks.list()[0]?.waitingCount).toBe(2)
      expect(store.timeline.ofDevice('d').map(({ text }) => text)).toEqual([
        'Silent: not heard for 59 s (3 polls in a row missed, one every 1 s)',
        'Heard again',
      ])
      setSilenceRule(store, { kind: 'time', ms: 600_000 })
      for (const at of [600_000, 680_000]) await noteSilence(store, at, 1)
      expect(store.timeline.ofDevice('d').at(-1)?.text).toBe('Silent: not heard for 10 min (nothing heard for 10 min)')
    } finally {
      store.close()
    }
  })
})
