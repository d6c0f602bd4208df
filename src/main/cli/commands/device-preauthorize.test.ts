import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { authBody, makeDevice } from '../../engine/server/device.cases.ts'
import { runLine } from '../command.cases.ts'
import { devicesCommand } from './devices.ts'

let bench: TestEngine
beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

const devices = (...args: string[]) => runLine(args, { command: devicesCommand, client: bench.client, cwd: bench.folder })
const pem = (): string => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
const file = (name: string, text: string): string => {
  writeFileSync(join(bench.folder, name), text)
  return name
}

const asks = async (device: ReturnType<typeof makeDevice>): Promise<number> => {
  const body = authBody(device)
  const headers = { 'content-type': 'application/json', 'x-men-signature': device.sign(body) }
  return (await fetch(`${bench.url}/api/devices/v1/authentication/auth_requests`, { method: 'POST', body, headers })).status
}

describe('devices preauthorized', () => {
  it('lists who is expected and has not asked yet', async () => {
    expect(await devices('preauthorized')).toMatchObject({ stdout: 'No device is expected.\n' })
    const device = makeDevice('02:aa:00:00:00:01')
    const csv = file('fleet.csv', `mac,serial,public_key\n${device.mac},,"${device.pem}"\n02:aa:00:00:00:02,S-2,"${pem()}"\n`)
    await devices('preauthorize-list', csv)
    expect((await devices('preauthorized')).stdout).toMatch(/02:aa:00:00:00:02 +\{"mac":"02:aa:00:00:00:02","serial":"S-2"\}/)
    expect((await devices('--json', 'preauthorized')).json).toMatchObject([{ all: 2 }])
    expect(await asks(device)).toBe(200)
    expect((await devices('--json', 'preauthorized')).json).toMatchObject([{ all: 1, newest: [{ identity: { serial: 'S-2' } }] }])
  })
})

describe('devices forget-preauthorized', () => {
  it('forgets a device that was expected, takes the key of one that has another, and refuses one that has come in', async () => {
    const known = makeDevice('02:cc:00:00:00:01')
    await asks(known)
    await bench.client.devices.preauthorize({ identity: { mac: known.mac }, publicKeyPem: pem(), isForced: true })
    await devices('preauthorize', '{"mac":"02:cc:00:00:00:02"}', file('one.pem', pem()))
    expect(await devices('forget-preauthorized', '02:cc:00:00:00:02', known.mac)).toMatchObject({ exitCode: 0 })
    expect((await devices('show', '02:cc:00:00:00:02')).exitCode).toBe(3)
    expect((await devices('show', known.mac)).stdout).toContain('key       pending')
    expect(await devices('forget-preauthorized', known.mac)).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('is not expected'),
    })
  })
})
