import { generateKeyPairSync } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import type { Device } from '../../contract/devices.ts'
import { type TestEngine, openTestEngine } from '../../engine/engine.cases.ts'
import { runLine } from '../command.cases.ts'
import { now, until } from '../live.ts'
import { readXml } from '../xml.cases.ts'
import { deployCommand } from './deploy.ts'

let bench: TestEngine
let good: Device
let failing: Device
beforeAll(async () => {
  bench = await openTestEngine()
  good = await bench.addDevice('02:00:00:00:00:01')
  failing = await bench.addDevice('02:00:00:00:00:02', { failAt: 'install' })
  await Promise.all(['v2', 'v3', 'v4', 'for-nobody'].map((name) => bench.addArtifact(name)))
})
afterAll(() => bench[Symbol.asyncDispose]())

const deploy = (...args: string[]) => runLine(args, { command: deployCommand, client: bench.client, cwd: bench.folder })
const deployments = () => now(bench.client.deployments.list())

/** An accepted device that is switched off. */
async function absentDevice(mac: string): Promise<string> {
  const publicKeyPem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { id } = await bench.client.devices.preauthorize({ identity: { mac }, publicKeyPem })
  const { authsets } = await now(bench.client.devices.show({ id }))
  await bench.client.devices.setAuthStatus({ id, authsetId: authsets[0]?.id ?? '', status: 'accepted' })
  return id
}

describe('otabench deploy', () => {
  it('answers the id of the deployment at once', async () => {
    const { exitCode, stdout } = await deploy('v2', '--device', good.name, '--name', 'first')
    const [made] = await deployments()
    expect([exitCode, stdout]).toEqual([0, `${made?.id}\n`])
    expect(made).toMatchObject({ name: 'first', artifactName: 'v2', deviceCount: 1 })
    await until(bench.client.deployments.show({ id: made?.id ?? '' }), ({ status }) => status === 'finished')
  })

  it('goes about it by a plan: later, in phases, with tries and limits, for a filter', async () => {
    const args = ['--filter', 'identity/mac=none', '--at', '+1h', '--phases', '1,rest', '--retries', '2', '--max-failures', '0']
    const { exitCode, stdout } = await deploy('v2', '--name', 'planned', ...args)
    expect(exitCode).toBe(0)
    const id = stdout.trim()
    expect((await deployments()).find((each) => each.id === id)).toMatchObject({
      ...{ status: 'scheduled', isOpen: true, deviceCount: 0, filter: [{ scope: 'identity', attribute: 'mac', value: 'none' }] },
      plan: { retries: 2, maxFailures: 0, phases: [{ size: { kind: 'devices', count: 1 } }, { size: { kind: 'rest' } }] },
    })
    await bench.client.deployments.abort({ id })
    for (const wrong of [
      ['--retries', 'x'],
      ['--phases', '0'],
      ['--at', 'soon'],
      ['--max-devices', '1'],
    ])
      expect((await deploy('v2', '--all', ...wrong)).exitCode).toBe(2)
  })

  it('gives a device that fails another try', async () => {
    const { stdout } = await deploy('--json', 'v2', '--device', failing.id, '--retries', '1', '--wait', '--name', 'twice')
    expect(JSON.parse(stdout)).toMatchObject({
      devices: [{ status: 'failure', failedAttempts: 2, explanation: expect.stringContaining('2 times') }],
    })
  })

  it('follows it to its end with --wait, and ends well when all devices do', async () => {
    const { exitCode, stdout, stderr } = await deploy('v3', '--device', '02:00:00:00:00:01', '--wait')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^DEVICE +STATUS +EXPLANATION\nvirtual 02:00:00:00:00:01 +success\n$/)
    const notes = stderr.trim().split('\n')
    expect(notes).toEqual(expect.arrayContaining([`${good.name}: success`]))
    expect(new Set(notes).size).toBe(notes.length)
    const again = await deploy('--json', 'v3', '--device', good.id, '--wait', '--name', 'again')
    expect([again.exitCode, again.stderr]).toEqual([0, ''])
    expect(again.json).toMatchObject([{ status: 'finished', devices: [{ deviceId: good.id, status: 'already-installed' }] }])
  })

  it('ends with 5 when one device fails, having said why, and reports each as a case of JUnit', async () => {
    await bench.client.devices.rename({ id: failing.id, name: `<B> & "C" 'é'\u0007` })
    const { exitCode, stdout, stderr } = await deploy('v4', '--all', '--wait', '--name', 'night & day', '--junit', 'report.xml')
    expect([exitCode, stderr]).toEqual([5, expect.not.stringContaining('error')])
    expect(stdout).toMatch(/<B> & .* failure +\S.*fails at install/)

    const report = readXml(await readFile(join(bench.folder, 'report.xml'), 'utf8'))
    expect(report).toMatchObject({ name: 'testsuites', attributes: { tests: '2', failures: '1', errors: '0' } })
    const [suite] = report.children
    expect(suite).toMatchObject({ name: 'testsuite', attributes: { name: 'night & day', tests: '2', failures: '1' } })
    expect(Number(suite?.attributes['time'])).toBeGreaterThan(0)
    expect(new Date(suite?.attributes['timestamp'] ?? '').getTime()).toBeGreaterThan(0)
    const cases = suite?.children.toSorted((a, b) => a.children.length - b.children.length)
    expect(cases).toMatchObject([
      {
        name: 'testcase',
        attributes: { classname: 'night & day', name: good.name, time: expect.stringMatching(/^\d+\.\d{3}$/) },
        children: [],
      },
      {
        ...{ name: 'testcase', attributes: { name: `<B> & "C" 'é'` } },
        children: [
          { name: 'failure', attributes: { type: 'failure', message: expect.stringContaining('fails at install') }, children: [] },
        ],
      },
    ])
    expect((await readdir(bench.folder)).filter((name) => name.startsWith('report'))).toEqual(['report.xml'])
  })

  it('ends with 5 too when it is aborted', async () => {
    const id = await absentDevice('02:00:00:00:00:03')
    await bench.client.devices.setGroup({ ids: [id], group: 'lab' })
    const waiting = deploy('v2', '--group', 'lab', '--wait', '--name', 'to be aborted')
    const [made] = await until(bench.client.deployments.list(), ([newest]) => newest?.name === 'to be aborted')
    await bench.client.deployments.abort({ id: made?.id ?? '' })
    expect(await waiting).toMatchObject({ exitCode: 5, stdout: expect.stringMatching(/ aborted +Aborted before/) })
  })

  it('wants to know whom it is for, in exactly one way', async () => {
    const before = await deployments()
    const some = ['--device', good.id]
    for (const target of [
      [],
      [...some, '--all'],
      ['--group', 'lab', '--all'],
      [...some, '--group', 'lab'],
      [...some, '--group', 'lab', '--all'],
    ]) {
      const { exitCode, stderr } = await deploy('for-nobody', ...target)
      expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^error BAD_INPUT: .+\nhint: .*--device.*--group.*--all/)])
    }
    expect((await deploy()).exitCode).toBe(2)
    expect(await deployments()).toEqual(before)
  })

  it('refuses what cannot be, with the code for it, and creates nothing', async () => {
    const before = await deployments()
    const refused = await Promise.all([
      deploy('none-such', '--all'),
      deploy('for-nobody', '--device', 'nobody'),
      deploy('for-nobody', '--group', 'empty'),
      deploy('for-nobody', '--group', 'two words'),
      deploy('for-nobody', '--device', good.id, '--junit', 'report.xml'),
    ])
    expect(refused.map(({ exitCode, stderr }) => [exitCode, stderr.split(':')[0]])).toEqual([
      [3, 'error NOT_FOUND'],
      [3, 'error NOT_FOUND'],
      [2, 'error BAD_INPUT'],
      [2, 'error BAD_INPUT'],
      [2, 'error BAD_INPUT'],
    ])
    for (const { stderr } of refused) expect(stderr).toMatch(/^hint: \S/m)
    expect(await deployments()).toEqual(before)
  })

  it('stops to wait at Ctrl+C, and the deployment goes on', async () => {
    const id = await absentDevice('02:00:00:00:00:04')
    const abort = new AbortController()
    const line = ['for-nobody', '--device', id, '--wait', '--name', 'left alone']
    const waiting = runLine(line, { command: deployCommand, client: bench.client, cwd: bench.folder, signal: abort.signal })
    await until(bench.client.deployments.list(), ([newest]) => newest?.name === 'left alone')
    abort.abort(new AppError('CANCELLED', 'Stopped by SIGINT'))
    expect(await waiting).toMatchObject({ exitCode: 130, stderr: expect.stringContaining('error CANCELLED') })
    expect((await deployments())[0]?.status).toBe('pending')
  })

  it('says when the report cannot be written, after the deployment', async () => {
    const { exitCode, stderr } = await deploy('v4', '--device', good.id, '--wait', '--name', 'no folder', '--junit', 'no/folder/report.xml')
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/error NOT_FOUND: .*no\/folder/)])
  })
})
