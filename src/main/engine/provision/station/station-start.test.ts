import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { now, until } from '../../../cli/live.ts'
import { AppError, toAppError } from '../../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../../engine.cases.ts'
import { nodeHost } from '../../host.node.ts'
import type { Host } from '../../host.ts'
import { Readers, makeRecipe, makeSmallCard, setupOf, slotNamed } from './station.cases.ts'

let shared: string
beforeAll(() => {
  shared = mkdtempSync(join(tmpdir(), 'otabench-station-start-'))
  makeSmallCard(shared)
})
afterAll(() => rmSync(shared, { recursive: true }))

/** This machine, on which one file is opened only once that is let. */
function withHeldFile(held: string): { host: Host; letGo(): void } {
  const host = nodeHost()
  const { promise, resolve } = Promise.withResolvers<void>()
  const open: Host['files']['open'] = async (path, ...more) => {
    if (path === held) await promise
    return host.files.open(path, ...more)
  }
  return { host: { ...host, files: { ...host.files, open } }, letGo: resolve }
}

describe('a station that is switched on', () => {
  let bench: TestEngine
  let letGo: () => void
  let readers: Readers
  const start = ({ recipe = makeRecipe(bench.folder), image = join(shared, 'card.img'), order = 'WO-1' }) =>
    bench.client.station.start({ setup: setupOf(recipe, image), slots: [slotNamed('one')], operator: 'Ada', order })
  beforeEach(async () => {
    const held = withHeldFile(join(shared, 'slow.yaml'))
    letGo = held.letGo
    bench = await openTestEngine({}, held.host)
    readers = new Readers(bench.client, join(bench.folder, 'data'))
    await bench.client.station.makeOrder({ name: 'WO-1', count: 3 })
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  it('unpacks a packed image each time', async () => {
    const image = join(bench.folder, 'card.img.gz')
    writeFileSync(image, gzipSync(readFileSync(join(shared, 'card.img')), { level: 1 }))
    await start({ image })
    await bench.client.station.stop({})
    await start({ image })
    expect(await readers.run('one')).toMatchObject({ isGood: true })
  })

  it('refuses an order whose units the recipe cannot name, at the start and when it is scanned', async () => {
    const recipe = join(bench.folder, 'mac.yaml')
    const identity = '{serial: {series: line, pattern: "L-{0000}"}, mac: {interface: eth0}}'
    writeFileSync(recipe, `version: 1\ndeviceType: board\nidentity: ${identity}\nkey: p256\n`)
    const list = async (name: string, text: string) => {
      writeFileSync(join(bench.folder, 'wo.csv'), text)
      await bench.client.station.importOrder({ name, path: join(bench.folder, 'wo.csv') })
    }
    await list('GOOD', 'serial,mac\nG1,02:00:00:00:00:01\n')
    await list('BAD', 'serial,mac\nB1,02:00:00:00:00:02\nB2,\n')
    const series = await start({ recipe }).catch(toAppError)
    expect(series).toMatchObject({ code: 'BAD_INPUT', message: 'A unit of WO-1 has no mac, which the recipe reads on the board' })
    const bad = { code: 'BAD_INPUT', message: 'B2 has no mac, which the recipe reads on the board' }
    expect(await start({ recipe, order: 'BAD' }).catch(toAppError)).toMatchObject(bad)
    await start({ recipe, order: 'GOOD' })
    expect(await bench.client.station.scan({ line: 'BAD' }).catch(toAppError)).toMatchObject(bad)
    expect(await now(bench.client.station.view())).toMatchObject({ state: 'on', order: { name: 'GOOD' } })
  })

  it('can be left while it reads what it needs, and is armed by nobody but the next start', async () => {
    const { station } = bench.client
    await station.setPin({ pin: '2468' })
    const recipe = join(shared, 'slow.yaml')
    writeFileSync(recipe, '')
    const first = start({ recipe }).catch(toAppError)
    await until(station.view(), ({ state }) => state === 'preparing')
    const next = station.stop({ pin: '2468' }).then(() => start({}))
    await Promise.race([next, sleep(1000)])
    letGo()
    expect(await first).toBeInstanceOf(AppError)
    await next
    expect(await now(station.view())).toMatchObject({ state: 'on', lanes: [{}], said: { isWrong: false } })
    expect(await station.stop({}).catch(toAppError)).toMatchObject({ code: 'LOGIN_REFUSED' })
    expect(await readers.run('one')).toMatchObject({ isGood: true })
  })
})
