import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { now, until } from '../../../cli/live.ts'
import { NO_DRIVE_FAULTS } from '../../../contract/drives.ts'
import { toAppError } from '../../../contract/errors.ts'
import type { StationSetup } from '../../../contract/station.ts'
import { UNFINISHED } from '../../../writer/card.ts'
import { type TestEngine, openTestEngine } from '../../engine.cases.ts'
import { Readers, lookAtCard, makeRecipe, makeSmallCard, recordsOf, setupOf, slotNamed } from './station.cases.ts'

let shared: string
beforeAll(() => {
  shared = mkdtempSync(join(tmpdir(), 'otabench-station-'))
  makeSmallCard(shared)
})
afterAll(() => rmSync(shared, { recursive: true }))

describe('a station', () => {
  let bench: TestEngine
  let readers: Readers
  const image = () => join(shared, 'card.img')
  const start = async (setup: Partial<StationSetup> = {}, slots = ['one']) => {
    const recipe = makeRecipe(bench.folder)
    const request = { setup: setupOf(recipe, image(), setup), slots: slots.map(slotNamed), operator: 'Ada', order: 'WO-1' }
    await bench.client.station.start(request)
  }
  const devices = () => now(bench.client.devices.list())
  beforeEach(async () => {
    bench = await openTestEngine()
    readers = new Readers(bench.client, join(bench.folder, 'data'))
    await bench.client.station.makeOrder({ name: 'WO-1', count: 3 })
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  it('makes a unit of each card that is put into an armed slot: number, key, card, server, label and record', async () => {
    const folder = join(bench.folder, 'labels')
    await start({ label: { format: 'zpl', folder, printer: null } })
    expect(await readers.run('one')).toMatchObject({ word: 'REMOVE CARD', isGood: true, serial: 'L-0001', detail: 'L-0001 is good' })
    const [record] = await recordsOf(bench.client)
    expect(record).toMatchObject({
      ...{ sequence: 1, result: 'good', serial: 'L-0001', number: 'given', identity: { serial: 'L-0001', batch: '7' } },
      ...{ operator: 'Ada', order: 'WO-1', server: 'this bench', card: { sureness: 'card' }, notUndone: [] },
    })
    const found = lookAtCard(readers.cardPath('one'))
    expect(found).toEqual({
      ...{ isWhole: true, identity: { serial: 'L-0001', batch: '7' }, keyFingerprint: record?.keyFingerprint },
      complaints: ['', '', '', ''],
    })
    expect(await devices()).toMatchObject([
      { id: record?.deviceId, status: 'preauthorized', authsets: [{ keyFingerprint: record?.keyFingerprint }] },
    ])
    expect(readFileSync(join(folder, 'L-0001.zpl'), 'utf8')).toContain('^FDQA,L-0001^FS')
    // Neither the key nor anything else of it stays behind; an image that is old enough is known from then on.
    expect(readdirSync(join(bench.folder, 'data/station')).filter((name) => name !== 'known-images')).toEqual([])
    await readers.remove('one')
    expect(await readers.run('one')).toMatchObject({ isGood: true, serial: 'L-0002' })
    expect(await bench.client.station.verify({})).toMatchObject({ count: 2, faults: [] })
  })

  it('leaves every card alone that was there before, is of another size or make, or in a slot that is not armed', async () => {
    await readers.insert('one')
    await start({ card: { minBytes: 8, maxBytes: 50e6, brand: 'ota bench' } })
    expect(await readers.lane('one', ({ word }) => word === 'REMOVE CARD')).toMatchObject({
      detail: 'It was there before the slot was armed',
    })
    await readers.insert('two')
    await readers.remove('one')
    await readers.lane('one', ({ word }) => word === 'INSERT CARD')
    await readers.insert('one', 60 << 20)
    expect(await readers.lane('one', ({ word }) => word === 'FAILED')).toMatchObject({ detail: expect.stringContaining('at most') })
    for (const name of ['one', 'two']) expect(readFileSync(readers.cardPath(name)).every((byte) => byte === 0)).toBe(true)
    expect(await recordsOf(bench.client)).toEqual([])
    await bench.client.station.stop({})
    await start({ card: { minBytes: 0, maxBytes: null, brand: 'SanDisk' } }, ['one', 'two'])
    await readers.remove('one')
    const detail = 'virtual one is none of SanDisk.'
    expect(await readers.run('one')).toMatchObject({ word: 'FAILED', detail })
    // Why stays to be read until the next card, at however many looks.
    await readers.remove('one')
    expect(await readers.lane('one', ({ word }) => word === 'INSERT CARD')).toMatchObject({ detail })
    await readers.remove('two')
    expect(await readers.run('two')).toMatchObject({ word: 'FAILED' })
    expect(await readers.lane('one', () => true)).toMatchObject({ word: 'INSERT CARD', detail })
  })

  it('begins no card anew that a reader which was reset shows again', async () => {
    await readers.insert('old')
    await start({}, ['one', 'old', 'two'])
    expect(await readers.run('one')).toMatchObject({ serial: 'L-0001', isGood: true })
    for (const id of ['one', 'old']) await bench.client.drives.setFaults({ id, faults: NO_DRIVE_FAULTS })
    expect(await readers.run('two')).toMatchObject({ serial: 'L-0002', isGood: true })
    expect(await readers.lane('one', () => true)).toMatchObject({ word: 'REMOVE CARD', detail: 'L-0001 is good' })
    expect(await readers.lane('old', () => true)).toMatchObject({ word: 'REMOVE CARD', detail: 'It was there before the slot was armed' })
    expect(await recordsOf(bench.client)).toHaveLength(2)
  })

  it('takes everything back when a step fails, and says what it could not', async () => {
    await start()
    await readers.lane('one', ({ word }) => word === 'INSERT CARD')
    await bench.client.drives.createVirtual({ name: 'one', sizeBytes: 40 << 20, faults: { ...NO_DRIVE_FAULTS, pulledAtByte: 6 << 20 } })
    await until(bench.client.station.records({}), (all) => all.length === 1)
    expect(await recordsOf(bench.client)).toMatchObject([
      { result: 'failed', serial: 'L-0001', number: 'void', notUndone: [], deviceId: null, why: expect.stringContaining('pulled out') },
    ])
    expect(await devices()).toEqual([])
    await bench.client.drives.setFaults({ id: 'one', faults: NO_DRIVE_FAULTS })
    expect(await readers.lane('one', ({ isGood }) => isGood)).toMatchObject({ serial: 'L-0002' })
    // The server knows the third one already: it is somebody's.
    const [known] = await devices()
    const { publicKeyPem } = await bench.client.keys.generate({ name: 'other', algorithm: 'p256' })
    await bench.client.devices.preauthorize({ identity: { serial: 'L-0003', batch: '7' }, publicKeyPem })
    await readers.remove('one')
    expect(await readers.run('one')).toMatchObject({ word: 'FAILED', detail: expect.stringContaining('has this identity already') })
    expect(readFileSync(readers.cardPath('one')).subarray(0, UNFINISHED.length).toString()).toBe(UNFINISHED)
    const after = await devices()
    expect(after.map(({ identity }) => identity['serial']).toSorted()).toEqual(['L-0002', 'L-0003'])
    expect(after.find(({ id }) => id === known?.id)?.status).toBe('preauthorized')
  })

  it('gives the numbers of a list to the cards, in turn or as they are scanned, and again after a failure', async () => {
    const list = 'serial;batch;customer\nA1;B1;"Meier; Sons"\nA2;B2;x\nA3;B3;y\n'
    writeFileSync(join(bench.folder, 'wo.csv'), list)
    await start()
    await bench.client.station.importOrder({ name: 'WO-2', path: join(bench.folder, 'wo.csv') })
    const { station } = bench.client
    expect(await station.scan({ line: 'WO-2' })).toEqual({ text: 'Work order WO-2' })
    expect(await station.scan({ line: 'A3' })).toEqual({ text: 'A3 is next' })
    expect(await station.scan({ line: 'operator Grace' })).toEqual({ text: 'Operator Grace' })
    expect(await readers.run('one')).toMatchObject({ isGood: true, serial: 'A3' })
    await readers.remove('one')
    expect(await readers.run('one')).toMatchObject({ isGood: true, serial: 'A1' })
    expect(await recordsOf(bench.client)).toMatchObject([
      { identity: { serial: 'A3', batch: 'B3' }, operator: 'Grace', order: 'WO-2' },
      { identity: { serial: 'A1', batch: 'B1' }, columns: { customer: 'Meier; Sons' } },
    ])
    expect(await station.scan({ line: 'A1' }).catch(toAppError)).toMatchObject({ code: 'CONFLICT' })
    expect(await station.scan({ line: 'void A1 scratched card' })).toEqual({ text: 'A1 is void: scratched card' })
    expect((await devices()).map(({ identity }) => identity['serial'])).toEqual(['A3'])
    await readers.remove('one')
    await readers.lane('one', ({ word }) => word === 'INSERT CARD')
    await bench.client.drives.createVirtual({ name: 'one', sizeBytes: 40 << 20, faults: { ...NO_DRIVE_FAULTS, failsAtByte: 6 << 20 } })
    await readers.lane('one', ({ word }) => word === 'FAILED')
    await readers.remove('one')
    expect(await readers.run('one')).toMatchObject({ isGood: true, serial: 'A2' })
    await readers.remove('one')
    await readers.lane('one', ({ word }) => word === 'ORDER DONE')
    expect(await now(station.orders())).toMatchObject([{ name: 'WO-2', total: 3, good: 2, failed: 1, voided: 1, next: null }, {}])
    await readers.insert('one')
    expect(await readers.lane('one', ({ word }) => word === 'REMOVE CARD')).toMatchObject({ detail: 'There is no work for it' })
    expect(await station.verify({})).toMatchObject({ faults: [] })
    expect(await station.importOrder({ name: 'WO-3', path: join(bench.folder, 'wo.csv') }).catch(toAppError)).toMatchObject({
      code: 'CONFLICT',
    })
  })

  it('prints to a raw port, and takes the unit back when the printer is off', async () => {
    const printed: string[] = []
    const printer = createServer((socket) => socket.on('data', (bytes) => printed.push(bytes.toString())))
    await new Promise<void>((resolve) => printer.listen(0, '127.0.0.1', resolve))
    const address = printer.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await start({ label: { format: 'zpl', folder: null, printer: { host: '127.0.0.1', port } } })
    expect(await readers.run('one')).toMatchObject({ isGood: true })
    expect(printed.join('')).toContain('^FDQA,L-0001^FS')
    await new Promise((resolve) => printer.close(resolve))
    await readers.remove('one')
    expect(await readers.run('one')).toMatchObject({ word: 'FAILED', detail: expect.stringContaining('does not answer') })
    expect((await recordsOf(bench.client)).at(-1)).toMatchObject({
      ...{ serial: 'L-0002', number: 'void', notUndone: ['A label L-0002 may have been printed: tear it up'] },
    })
    expect(await devices()).toHaveLength(1)
  })

  it('is left by its PIN alone, and few wrong ones are borne', async () => {
    const { station } = bench.client
    await station.setPin({ pin: '2468' })
    await start()
    await expect(station.stop({})).rejects.toThrow('by its PIN')
    expect(readFileSync(join(bench.folder, 'data/provision.db')).includes('2468')).toBe(false)
    for (const pin of ['1', '2', '3', '4', '5']) await station.stop({ pin }).catch(() => undefined)
    expect(await station.stop({ pin: '2468' }).catch(toAppError)).toMatchObject({ code: 'LOGIN_REFUSED' })
    expect(await now(station.view())).toMatchObject({ state: 'on', hasPin: true, pinBlockedUntil: expect.any(Number) })
  })
})
