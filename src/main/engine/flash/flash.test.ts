import { execFileSync, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, linkSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { now, until } from '../../cli/live.ts'
import { NO_DRIVE_FAULTS } from '../../contract/drives.ts'
import { UNFINISHED } from '../../writer/card.ts'
import { SEAL_BYTES } from '../../writer/protocol.ts'
import { encodeBmap } from '../image/bmap.ts'
import { type FlashBench, noise, openFlashBench, withFullFolder, withHeldFile, withSlowRecords } from './flash.cases.ts'

const MIB = 1 << 20

describe('a raw image, flashed to files', () => {
  let bench: FlashBench
  beforeEach(async () => {
    bench = await openFlashBench()
  })
  afterEach(() => bench[Symbol.asyncDispose]())

  const to = (...names: string[]) => names.map((name) => ({ path: bench.file(name), identity: null }))

  it.each([1, 511, 4096, MIB - 1, MIB, MIB + 1, 3 * MIB + 77, 9 * MIB])('is there to the last of its %i bytes', async (length) => {
    const image = noise(length)
    writeFileSync(bench.file('card.img'), image)
    const view = await bench.flash({ source: bench.file('card.img'), targets: to('out') })
    expect(view.lanes).toMatchObject([{ state: 'done', failure: null }])
    expect(readFileSync(bench.file('out')).equals(image)).toBe(true)
    const { sha256 } = await bench.reached(view.id, (each) => each.sha256 !== null)
    expect(sha256).toBe(execFileSync('sha256sum', [bench.file('card.img')], { encoding: 'utf8' }).slice(0, 64))
  })

  it('reaches several at once, each a job of one batch, and is remembered', async () => {
    writeFileSync(bench.file('card.img'), noise(5 * MIB))
    const view = await bench.flash({ source: bench.file('card.img'), targets: to('a', 'b', 'c') })
    expect(view.lanes.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
    for (const name of ['a', 'b', 'c']) expect(readFileSync(bench.file(name)).equals(noise(5 * MIB))).toBe(true)
    expect((await now(bench.client.jobs.list())).map(({ kind, state, batch }) => ({ kind, state, batch }))).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'flash', state: 'done', batch: view.id })),
    )
    await bench.client.flash.forget({ id: view.id })
    await expect(bench.client.flash.cancel({ id: view.id })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is on the disk of the data folder before its writer starts, so that it is known wherever it is cut off', async () => {
    const { host, order } = withSlowRecords()
    await using slow = await openFlashBench(bench.file('slow'), host)
    writeFileSync(bench.file('card.img'), noise(MIB))
    expect((await slow.flash({ source: bench.file('card.img'), targets: to('a') })).lanes).toMatchObject([{ state: 'done' }])
    expect(order.slice(0, 2)).toEqual(['record', 'writer'])
    const started = await slow.client.flash.start({ source: bench.file('card.img'), targets: to('a') })
    const record: unknown = JSON.parse(readFileSync(join(slow.dataFolder, 'flashes', `${started.id}.json`), 'utf8'))
    expect(record).toMatchObject({ lanes: [{ state: 'waiting', startedAt: expect.any(Number) }] })
    await slow.ended(started.id)
    const { id } = await slow.flash({ source: bench.file('card.img'), targets: [{ path: slow.dataFolder, identity: null }] })
    order.length = 0
    await slow.client.flash.retry({ id })
    expect(order[0]).toBe('record')
  })

  it('does not begin where it cannot be recorded', async () => {
    const place = bench.file('full')
    await using full = await openFlashBench(place, withFullFolder(join(place, 'bench/flashes')))
    writeFileSync(bench.file('card.img'), noise(MIB))
    await expect(full.client.flash.start({ source: bench.file('card.img'), targets: to('a') })).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(existsSync(bench.file('a'))).toBe(false)
    expect(await now(full.client.flash.list())).toMatchObject([
      { lanes: [{ state: 'failed', isBegun: false, failure: { code: 'DISK_FULL' } }] },
    ])
  })

  it('has nothing to be finished where it failed before it began, until a writer has begun', async () => {
    const source = bench.file('card.img')
    const isBegun = async (target: { path: string; identity: null }) =>
      (await bench.flash({ source, targets: [target] })).lanes.map((lane) => lane.isBegun)
    const [out] = to('out')
    if (!out) throw new Error('no target')
    expect(await isBegun(out)).toEqual([false])
    writeFileSync(source, noise(MIB))
    expect(await isBegun({ path: bench.dataFolder, identity: null })).toEqual([false])
    expect(await isBegun(out)).toEqual([true])
  })

  it('is forgotten when it went well, or was written anew, and 20 others have since; what can be finished stays', async () => {
    writeFileSync(bench.file('card.img'), noise(MIB))
    const { id } = await bench.flash({ source: bench.file('card.img'), targets: to('a') })
    await bench.reached(id, ({ isSummed }) => isSummed)
    const folder = bench.file('elsewhere/bench/flashes')
    mkdirSync(folder, { recursive: true })
    const [done] = await now(bench.client.flash.list())
    const failed = { lanes: [{ ...done?.lanes[0], state: 'failed' }] }
    const refused = { lanes: [{ ...done?.lanes[0], state: 'failed', isBegun: false }], isSummed: false }
    const writtenSince = { lanes: failed.lanes.map((lane) => ({ ...lane, startedAt: (lane.startedAt ?? 0) - 1 })) }
    const unlike: Record<number, object> = { 4: refused, 5: failed, 7: writtenSince, 25: refused }
    for (let at = 1; at <= 30; at += 1)
      writeFileSync(join(folder, `${at}.json`), JSON.stringify({ ...done, id: `${at}`, startedAt: at, ...unlike[at] }))
    await using again = await openFlashBench(bench.file('elsewhere'))
    const views = await until(again.client.flash.list(), (all) => all.length <= 21)
    expect(views.map((view) => Number(view.id))).toEqual([...Array.from({ length: 20 }, (_, at) => 30 - at), 5])
    await expect.poll(() => readdirSync(folder).length).toBe(21)
  })

  it('with difference writes only the blocks of 64 KiB that changed, and the first one', async () => {
    const image = noise(8 * MIB)
    writeFileSync(bench.file('card.img'), image)
    writeFileSync(bench.file('out'), image)
    const request = { source: bench.file('card.img'), targets: to('out'), differential: true }
    expect((await bench.flash(request)).lanes).toMatchObject([{ state: 'done', writtenBytes: 0, savedBytes: 8 * MIB }])
    for (const at of [3 * MIB + 5, 3 * MIB + 70_000, 6 * MIB]) image[at] = (image[at] ?? 0) ^ 1
    writeFileSync(bench.file('card.img'), image)
    const [lane] = (await bench.flash(request)).lanes
    expect(lane).toMatchObject({ state: 'done', writtenBytes: 3 * 65_536 + SEAL_BYTES })
    expect(readFileSync(bench.file('out')).equals(image)).toBe(true)
  })

  it('is written whole where samples tell that most of it differs, and says so', async () => {
    const image = noise(40 * MIB)
    writeFileSync(bench.file('card.img'), image)
    const half = Buffer.concat([image.subarray(0, 16 * MIB), noise(24 * MIB)])
    writeFileSync(bench.file('out'), half)
    const request = { source: bench.file('card.img'), targets: to('out'), differential: true }
    const [lane] = (await bench.flash(request)).lanes
    expect(lane).toMatchObject({ state: 'done', writtenBytes: 40 * MIB, savedBytes: 0, sampled: { count: 256, isDifferential: false } })
    expect((lane?.sampled?.different ?? 0) / 256).toBeCloseTo(24 / 40, 1)
    expect(readFileSync(bench.file('out')).equals(image)).toBe(true)
    const [again] = (await bench.flash(request)).lanes
    expect(again).toMatchObject({ state: 'done', writtenBytes: 0, sampled: { count: 256, different: 0, isDifferential: true } })
  })

  it('does not begin where the target is a folder, is itself, or is named twice, and says where there is no image', async () => {
    writeFileSync(bench.file('card.img'), noise(MIB))
    const source = bench.file('card.img')
    await expect(bench.client.flash.start({ source, targets: to('card.img') })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(bench.client.flash.start({ source, targets: to('a', 'a') })).rejects.toMatchObject({ code: 'BAD_INPUT' })
    expect((await bench.flash({ source, targets: to('bench', 'good') })).lanes).toMatchObject([
      { state: 'failed', failure: { code: 'BAD_INPUT' } },
      { state: 'done' },
    ])
    const absent = await bench.flash({ source: bench.file('absent'), targets: to('a') })
    expect(absent.lanes).toMatchObject([{ state: 'failed', failure: { code: 'NOT_FOUND' } }])
  })

  it('becomes no file under the name of a drive that is not there', async () => {
    writeFileSync(bench.file('card.img'), noise(MIB))
    const path = '/dev/otabench-absent-drive'
    const { lanes } = await bench.flash({ source: bench.file('card.img'), targets: [{ path, identity: null }] })
    expect(lanes).toMatchObject([{ state: 'failed', failure: { code: 'NOT_FOUND', message: `There is no drive ${path}` } }])
    expect(existsSync(path)).toBe(false)
  })

  it('waits for who has locked the file, as another flash of it has', async () => {
    writeFileSync(bench.file('card.img'), noise(MIB))
    writeFileSync(bench.file('out'), '')
    const held = spawn('flock', ['--no-fork', bench.file('out'), 'sh', '-c', 'echo held; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(held.stdout, 'data')
    const { id } = await bench.client.flash.start({ source: bench.file('card.img'), targets: to('out') })
    const ended = bench.ended(id)
    expect(await Promise.race([ended, delay(1000, 'waits')])).toBe('waits')
    held.kill()
    expect((await ended).lanes).toMatchObject([{ state: 'done' }])
    expect(readFileSync(bench.file('out')).equals(noise(MIB))).toBe(true)
  })

  it('is not written onto itself, its block map or its sum under another name', async () => {
    const image = noise(MIB)
    const bmap = encodeBmap({ imageBytes: MIB, blockBytes: 4096, checksumType: 'sha256', ranges: [{ start: 0, end: 256, checksum: null }] })
    const kept = { 'card.img': image, 'card.img.bmap': bmap, 'card.img.sha256': hash('sha256', image) }
    for (const [name, bytes] of Object.entries(kept)) writeFileSync(bench.file(name), bytes)
    for (const name of Object.keys(kept)) {
      symlinkSync(bench.file(name), bench.file(`symbolic-${name}`))
      linkSync(bench.file(name), bench.file(`hard-${name}`))
    }
    const names = Object.keys(kept).flatMap((name) => [`symbolic-${name}`, `hard-${name}`])
    const { lanes } = await bench.flash({ source: bench.file('card.img'), targets: to(...names, 'good') })
    expect(lanes.map(({ state, failure }) => [state, failure?.code])).toEqual([
      ...names.map(() => ['failed', 'BAD_INPUT']),
      ['done', undefined],
    ])
    for (const [name, bytes] of Object.entries(kept)) expect(readFileSync(bench.file(name)).equals(Buffer.from(bytes))).toBe(true)
  })

  it('is never taken for whole after it was cancelled, and can be finished', async () => {
    const image = noise(48 * MIB)
    writeFileSync(bench.file('card.img'), image)
    const faults = { ...NO_DRIVE_FAULTS, writeBytesPerSecond: 6 * MIB }
    await bench.client.drives.createVirtual({ name: 'slow', sizeBytes: 48 * MIB, faults })
    const [drive] = (await now(bench.client.drives.list({}))).filter(({ virtual }) => virtual !== null)
    const target = { path: drive?.identity.path ?? '', identity: drive?.identity ?? null }
    const { id } = await bench.client.flash.start({ source: bench.file('card.img'), targets: [target] })
    await bench.reached(id, ({ lanes: [lane] }) => lane?.phase === 'writing' && lane.doneBytes > 0)
    await bench.client.flash.pause({ id })
    await bench.reached(id, ({ lanes: [lane] }) => lane?.state === 'paused')
    await bench.client.flash.continue({ id })
    await bench.reached(id, ({ lanes: [lane] }) => lane?.state === 'running')
    // Not what was asked for last counts, but what the writer does: its words may come late.
    const before = (await now(bench.client.flash.list()))[0]?.lanes[0]?.doneBytes ?? 0
    await Promise.all([bench.client.flash.pause({ id }), bench.client.flash.continue({ id })])
    const { lanes } = await bench.reached(id, ({ lanes: [lane] }) => (lane?.doneBytes ?? 0) > before + 4 * MIB)
    expect(lanes).toMatchObject([{ state: 'running' }])
    await bench.client.flash.cancel({ id })
    expect((await bench.ended(id)).lanes).toMatchObject([{ state: 'cancelled', failure: { code: 'CANCELLED' } }])
    expect(readFileSync(target.path).subarray(0, 40).toString()).toBe(UNFINISHED.slice(0, 40))
    await bench.client.flash.retry({ id })
    const [lane] = (await bench.ended(id)).lanes
    expect(lane).toMatchObject({ state: 'done', failure: null })
    expect(lane?.savedBytes).toBeGreaterThan(0)
    expect(readFileSync(target.path).equals(image)).toBe(true)
  })

  it('stays forgotten, although its sum came later', async () => {
    const folder = bench.file('other')
    mkdirSync(folder)
    const source = join(folder, 'image')
    writeFileSync(source, noise(MIB))
    const { host, letGo } = withHeldFile(source)
    {
      await using first = await openFlashBench(folder, host)
      const { id, sha256 } = await first.flash({ source, targets: [{ path: join(folder, 'out'), identity: null }] })
      expect(sha256).toBeNull()
      await first.client.flash.forget({ id })
      letGo()
    }
    await using next = await openFlashBench(folder)
    expect(await now(next.client.flash.list())).toEqual([])
  })

  it('is paused before its writer has started when that is asked for, and goes on from there', async () => {
    writeFileSync(bench.file('card.img'), noise(8 * MIB))
    const { id } = await bench.client.flash.start({ source: bench.file('card.img'), targets: to('early') })
    await bench.client.flash.pause({ id })
    await bench.reached(id, ({ lanes: [lane] }) => lane?.state === 'paused')
    await bench.client.flash.continue({ id })
    expect((await bench.ended(id)).lanes).toMatchObject([{ state: 'done' }])
  })
})
