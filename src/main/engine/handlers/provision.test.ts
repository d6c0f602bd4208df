import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'
import { makeCard } from '../../cli/commands/image.cases.ts'
import { BenchLine } from '../provision/serial/bench-line.cases.ts'
import { DebianBoard } from '../provision/debian-board.cases.ts'
import { PROVISION_STEPS } from '../provision/plan.ts'

let bench: TestEngine
const at = (name: string) => join(bench.folder, name)
const RECIPE = `
version: 1
identity: {serial: {series: lab, pattern: "LAB-{000}"}}
key: p256
client: {apt: []}
files: [{to: /opt/psk, secret: "key:device"}]
`

beforeAll(async () => {
  bench = await openTestEngine()
  writeFileSync(at('recipe.yaml'), RECIPE)
})
afterAll(() => bench[Symbol.asyncDispose]())

const ended = async (jobId: string) => {
  const all = await until(bench.client.jobs.list(), (jobs) => jobs.some(({ id, state }) => id === jobId && state !== 'running'))
  return all.find(({ id }) => id === jobId)
}

describe('provisioning', () => {
  it('is a job that tells its steps, and leaves an outcome, a pinned host and a number', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: nothing was provisioned')
    const { provision, keys, devices } = bench.client
    expect(await provision.plan({ recipe: at('recipe.yaml'), road: 'ssh' })).toMatchObject([
      { step: 'Identity and key' },
      { step: 'Files' },
    ])
    await keys.generate({ name: 'device', algorithm: 'p256' })
    await using board = await DebianBoard.start()
    const hop = { host: '127.0.0.1', port: board.port, user: 'pi', keys: [{ path: join(board.folder, 'user') }] }
    const request = { recipe: at('recipe.yaml'), sudoPassword: 'raspberry', isPreauthorized: true }
    const { jobId } = await provision.ssh({ ...request, hops: [hop] })
    // Virtual boards differ in nothing but the port.
    expect(await ended(jobId)).toMatchObject({
      ...{ title: `Provision [127.0.0.1]:${board.port}`, kind: 'provision', steps: [...PROVISION_STEPS] },
      ...{ state: 'done', failure: null },
    })
    const outcome = await until(provision.outcome({ jobId }), (value) => value !== null)
    expect(outcome).toMatchObject({ identity: { serial: 'LAB-001' }, changed: expect.arrayContaining(['wrote /opt/psk']) })
    expect(board.run('cat /opt/psk')).toContain('PRIVATE KEY')
    const known = await until(devices.list(), (all) => all.length > 0)
    expect(known).toMatchObject([{ id: outcome?.deviceId, status: 'preauthorized', identity: { serial: 'LAB-001' } }])
    expect(await until(provision.hosts(), (all) => all.length > 0)).toMatchObject([{ place: `[127.0.0.1]:${board.port}` }])
    expect(await until(provision.numbers(), (all) => all.length > 0)).toMatchObject([{ value: 'LAB-001', state: 'given' }])
    await board.changeHostKey()
    const refused = await provision.ssh({ ...request, hops: [hop] })
    expect(await ended(refused.jobId)).toMatchObject({ state: 'failed', failure: { code: 'HOST_KEY_CHANGED' } })
    await provision.forgetHost({ place: `[127.0.0.1]:${board.port}` })
    expect(await ended((await provision.ssh({ ...request, hops: [hop] })).jobId)).toMatchObject({ state: 'done' })
  })

  it('goes over the serial console that somebody looks at, who sees it', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: nothing was provisioned')
    const { provision, consoles } = bench.client
    writeFileSync(at('serial.yaml'), 'version: 1\nclient: {apt: []}\nfiles: [{to: /opt/colour, text: "blue\\n"}]\n')
    await using board = await DebianBoard.start({ prepare: 'echo root:toor | chpasswd' })
    await using line = await BenchLine.start({ program: board.console() })
    const { id } = await consoles.openSerial({ path: line.path })
    const request = { recipe: at('serial.yaml'), path: line.path, baudRate: 115_200 }
    const { jobId } = await provision.serial({ ...request, password: 'toor' })
    expect(await provision.serial(request).catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
    expect(await ended(jobId)).toMatchObject({ state: 'done', failure: null, steps: [...PROVISION_STEPS] })
    expect(board.run('cat /opt/colour')).toBe('blue\n')
    expect(await until(provision.outcome({ jobId }), (value) => value !== null)).toMatchObject({ changed: ['wrote /opt/colour'] })
    const [seen] = await until(consoles.list(), () => true)
    expect(seen).toMatchObject({ id, state: 'open' })
    expect(seen?.receivedBytes).toBeGreaterThan(500)
    await consoles.close({ id })
  })

  it('seeds a card image, and says what needs a running board', async () => {
    if (process.getuid?.() !== 0) return console.log('Only root makes boards in namespaces: nothing was provisioned')
    const { provision } = bench.client
    makeCard(bench.folder, 'gpt')
    writeFileSync(at('image.yaml'), 'version: 1\ndeviceType: board\nidentity: {serial: C-77}\nkey: p256\ncommands: [{run: reboot}]\n')
    const { jobId } = await provision.image({ recipe: at('image.yaml'), image: at('card.gpt'), isPreauthorized: true })
    expect(await ended(jobId)).toMatchObject({ state: 'done', failure: null })
    const outcome = await until(provision.outcome({ jobId }), (value) => value !== null)
    expect(outcome).toMatchObject({ identity: { serial: 'C-77' }, leftOut: ['commands: reboot'], deviceId: expect.any(String) })
    writeFileSync(at('none.img'), 'no card')
    const failed = await ended((await provision.image({ recipe: at('image.yaml'), image: at('none.img') })).jobId)
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'BAD_INPUT' } })
  })

  it('begins with an example that is a recipe for this server', async () => {
    const steps = async (kind: 'debian' | 'virtual') => {
      const { text } = await bench.client.provision.example({ kind })
      writeFileSync(at('example.yaml'), text)
      return JSON.stringify(await bench.client.provision.plan({ recipe: at('example.yaml'), road: 'ssh' }))
    }
    expect(await steps('debian')).toContain(`server ${bench.url}`)
    expect(await steps('virtual')).toContain(`server ${bench.url.replace('127.0.0.1', '10.0.2.2')}`)
  })

  it('is not begun with a recipe that cannot be', async () => {
    const { provision } = bench.client
    writeFileSync(at('bad.yaml'), 'version: 3\n')
    const hop = { host: '127.0.0.1', user: 'pi' }
    for (const recipe of ['bad.yaml', 'none.yaml'])
      expect(await provision.ssh({ recipe: at(recipe), hops: [hop] }).catch(toAppError)).toMatchObject({
        code: expect.stringMatching(/BAD_INPUT|NOT_FOUND/),
      })
  })
})
