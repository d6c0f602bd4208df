import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { now } from '../../cli/live.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { publicHalf } from '../provision/device-key.ts'
import { RemoteDevices } from './remote-devices.ts'

const signal = new AbortController().signal
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('the devices of another server', () => {
  let bench: TestEngine
  let remote: RemoteDevices
  beforeAll(async () => {
    bench = await openTestEngine()
    remote = new RemoteDevices(bench.url, await bench.token())
  })
  afterAll(() => bench[Symbol.asyncDispose]())
  const devices = () => now(bench.client.devices.list())

  it('are announced once, and forgotten by their id or, where the answer was lost, by identity and key', async () => {
    const publicKeyPem = newKey()
    const identity = { serial: 'A1', batch: '7' }
    const deviceId = await remote.expect({ identity, publicKeyPem }, signal)
    expect(await devices()).toMatchObject([{ id: deviceId, status: 'preauthorized', identity }])
    await expect(remote.expect({ identity, publicKeyPem: newKey() }, signal)).rejects.toMatchObject({ code: 'CONFLICT' })
    const { fingerprint: keyFingerprint } = publicHalf(publicKeyPem)
    await remote.withdraw({ deviceId: null, identity, keyFingerprint: publicHalf(newKey()).fingerprint })
    await remote.withdraw({ deviceId: null, identity: { serial: 'A1' }, keyFingerprint })
    expect(await devices()).toHaveLength(1)
    await remote.withdraw({ deviceId: null, identity, keyFingerprint })
    expect(await devices()).toEqual([])
    const again = await remote.expect({ identity, publicKeyPem }, signal)
    await remote.withdraw({ deviceId: again, identity, keyFingerprint })
    await remote.withdraw({ deviceId: again, identity, keyFingerprint })
    expect(await devices()).toEqual([])
  })

  it('are not reached with a wrong token, or where nobody answers', async () => {
    const wanted = { identity: { serial: 'A2' }, publicKeyPem: newKey() }
    await expect(new RemoteDevices(bench.url, 'wrong').expect(wanted, signal)).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
    await expect(new RemoteDevices('http://127.0.0.1:9', 'x').expect(wanted, signal)).rejects.toMatchObject({ code: 'DEVICE_UNREACHABLE' })
  })
})
