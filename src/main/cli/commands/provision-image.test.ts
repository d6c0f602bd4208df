import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { until } from '../live.ts'
import { runLine } from '../command.cases.ts'
import { complaints, cutOut, mounted } from './image-compose.cases.ts'
import { makeCard, tool } from './image.cases.ts'
import { provisionCommand } from './provision.ts'

const RECIPE = `
version: 1
deviceType: board
artifactName: release-1
identity:
  serial: {series: line, pattern: "L-{0000}"}
  batch: "7"
key: p256
server: {url: "https://bench.lan", ca: ca.pem}
menderConf: {UpdatePollIntervalSeconds: 5, TenantToken: {secret: "env:TENANT"}}
files: [{to: /etc/app.conf, text: "port = 1\\n"}]
commands: [{run: reboot}]
services: {enable: [mender-client]}
`

describe('otabench provision image', () => {
  let folder: string
  let bench: TestEngine
  const at = (name: string) => join(folder, name)
  const run = (...flags: string[]) =>
    runLine(['--json', 'image', 'card.img', '--recipe', 'recipe.yaml', ...flags], {
      ...{
        command: provisionCommand,
        cwd: folder,
        environment: { TENANT: 'tenant-1' },
        globals: { data: at('data') },
        client: bench.client,
      },
    })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-provision-image-'))
    bench = await openTestEngine()
    makeCard(folder, 'gpt')
    tool('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('ca.key'), '-subj', '/CN=a', '-out', at('ca.pem'))
    writeFileSync(at('recipe.yaml'), RECIPE)
  })
  afterAll(async () => {
    await bench[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true })
  })

  it('gives a card its identity, key and configuration, expects it on the server, and leaves its file systems sound', async () => {
    copyFileSync(at('card.gpt'), at('card.img'))
    const { exitCode, json, stderr } = await run('--preauthorize')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'left out: commands: reboot\nleft out: services: mender-client\n' })
    expect(json).toMatchObject([{ identity: { serial: 'L-0001', batch: '7' } }])
    expect(cutOut(at('card.img')).map(complaints)).toEqual(['', '', '', ''])
    const data = mounted(at('card.img'), 4, (place) => {
      const text = (name: string) => readFileSync(join(place, 'mender', name), 'utf8')
      return {
        conf: text('mender.conf'),
        type: text('device_type'),
        key: tool('openssl', 'pkey', '-in', join(place, 'mender/mender-agent.pem'), '-pubout'),
      }
    })
    expect(JSON.parse(data.conf)).toEqual({
      ...{
        ServerURL: 'https://bench.lan',
        ServerCertificate: '/data/mender/server.crt',
        UpdatePollIntervalSeconds: 5,
        TenantToken: 'tenant-1',
      },
    })
    for (const slot of [2, 3]) {
      const said = mounted(at('card.img'), slot, (place) => tool('sh', join(place, 'usr/share/mender/identity/mender-device-identity')))
      expect(said).toBe('serial=L-0001\nbatch=7\n')
    }
    const [device] = await until(bench.client.devices.list(), (all) => all.length > 0)
    expect(device).toMatchObject({ status: 'preauthorized', identity: { serial: 'L-0001', batch: '7' } })
    writeFileSync(at('public.pem'), data.key)
    const digest = tool('sh', '-c', `openssl pkey -pubin -in ${at('public.pem')} -outform DER | sha256sum`).slice(0, 64)
    expect(device?.authsets).toMatchObject([{ keyFingerprint: digest }])
  })

  it('leaves image, server and numbers in order when it fails', async () => {
    const count = (await until(bench.client.devices.list(), () => true)).length
    writeFileSync(at('card.img'), 'no card')
    expect(await run('--preauthorize')).toMatchObject({ exitCode: 2 })
    expect(readFileSync(at('card.img'), 'utf8')).toBe('no card')
    expect(await until(bench.client.devices.list(), () => true)).toHaveLength(count)
    const numbers = await runLine(['numbers'], { command: provisionCommand, cwd: folder, globals: { data: at('data') } })
    expect(numbers.stdout).toMatch(/L-0001 +given[^]*L-0002 +void/)
    writeFileSync(at('recipe.yaml'), 'version: 1\nidentity: {mac: {interface: auto}}\nkey: p256\n')
    expect(await run('--preauthorize')).toMatchObject({ stderr: expect.stringContaining('is not known before the board runs') })
    writeFileSync(at('recipe.yaml'), 'version: 1\nfiles: [{to: /a, text: b, owner: "pi:pi"}]\n')
    expect(await run()).toMatchObject({ stderr: expect.stringContaining('belongs to pi:pi, which an image does not know') })
  })
})
