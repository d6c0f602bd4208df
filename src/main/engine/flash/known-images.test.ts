import { execFileSync } from 'node:child_process'
import { type Stats, closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noise, openFlashBench, withReadsOf } from './flash.cases.ts'

const HOUR_MS = 3_600_000
const MIB = 1 << 20

describe('an image that was held against its sums', () => {
  let folder: string
  const file = (name: string) => join(folder, name)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'otabench-known-'))
    writeFileSync(file('card.img'), noise(4 * MIB))
    execFileSync('bmaptool', ['create', file('card.img'), '-o', file('card.img.bmap')], { stdio: 'ignore' })
    execFileSync('zstd', ['-q', file('card.img'), '-o', file('card.img.zst')])
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  /** Flashes with an engine of its own; answers how often it read a large piece of the image, with what came of it. */
  async function flash(name: string, aheadMs: number, more: object = {}, { before }: { before?: Stats } = {}) {
    const { host, takeCount } = withReadsOf(file(name), aheadMs)
    const { stat } = host.files
    // Storage that rots changes no time.
    if (before)
      host.files.stat = async (path) => {
        const found = await stat(path)
        return found && path === file(name) ? { ...found, modifiedAt: before.mtimeMs, changedAt: before.ctimeMs } : found
      }
    await using bench = await openFlashBench(folder, host)
    rmSync(file('card'), { force: true })
    const { id } = await bench.flash({ source: file(name), targets: [{ path: file('card'), identity: null }], ...more })
    const { lanes, sha256, source } = await bench.reached(id, ({ isSummed, lanes: [lane] }) => isSummed || lane?.state === 'failed')
    return { readCount: takeCount(), lane: lanes[0], sha256, heldAt: source?.witnesses.map(({ heldAt }) => heldAt) }
  }
  const card = () => readFileSync(file('card'))

  it.each(['card.img', 'card.img.zst'])('%s is not read for them again, also by another engine, until a day has gone by', async (name) => {
    const first = await flash(name, HOUR_MS)
    expect(first.readCount).toBeGreaterThan(0)
    expect(first.heldAt).toEqual([null])
    const again = await flash(name, 2 * HOUR_MS)
    expect(again).toMatchObject({ readCount: 0, lane: { state: 'done' } })
    expect(again.heldAt).toEqual([expect.any(Number)])
    expect(card().equals(readFileSync(file('card.img')))).toBe(true)
    expect(again.sha256).toBe(name === 'card.img' ? null : execFileSync('sha256sum', [file(name)], { encoding: 'utf8' }).slice(0, 64))
    expect((await flash(name, 25 * HOUR_MS + 60_000)).readCount).toBeGreaterThan(0)
  })

  it('is held against a SHA-512 that lies beside it once a day, and against another one at once', async () => {
    const say = (sum: string) => writeFileSync(file('card.img.sha512'), `${sum}  card.img\n`)
    await flash('card.img', HOUR_MS)
    say(execFileSync('sha512sum', [file('card.img')], { encoding: 'utf8' }).slice(0, 128))
    // What was found before says nothing of it.
    const first = await flash('card.img', HOUR_MS)
    expect(first).toMatchObject({ lane: { state: 'done' }, heldAt: [null, expect.any(Number)] })
    expect(first.readCount).toBeGreaterThan(0)
    expect(await flash('card.img', HOUR_MS)).toMatchObject({ readCount: 0, heldAt: [expect.any(Number), expect.any(Number)] })
    say('0'.repeat(128))
    expect((await flash('card.img', HOUR_MS)).lane).toMatchObject({ failure: { code: 'VERIFY_FAILED' } })
  })

  it('is read again when it was changed, whatever time is said of it', async () => {
    await flash('card.img', HOUR_MS)
    const { atime, mtime } = statSync(file('card.img'))
    const image = openSync(file('card.img'), 'r+')
    writeSync(image, 'another', MIB)
    closeSync(image)
    utimesSync(file('card.img'), atime, mtime)
    const { readCount, lane } = await flash('card.img', 2 * HOUR_MS)
    expect(readCount).toBeGreaterThan(0)
    expect(lane).toMatchObject({ state: 'failed', failure: { code: 'VERIFY_FAILED' } })
  })

  it('whose chunks are others than an earlier card told is written to no card, and found anew by the next', async () => {
    await flash('card.img', HOUR_MS)
    const image = openSync(file('card.img'), 'r+')
    const before = statSync(file('card.img'))
    writeSync(image, 'rotten', 2 * MIB)
    closeSync(image)
    const rotten = await flash('card.img', 2 * HOUR_MS, {}, { before })
    expect(rotten).toMatchObject({ readCount: 0, lane: { state: 'failed', failure: { code: 'CONFLICT' } } })
    expect(rotten.lane?.failure?.message).toContain(`not what it was when it was read before (at byte ${2 * MIB} of it)`)
    const next = await flash('card.img', 2 * HOUR_MS, {}, { before })
    expect(next.readCount).toBeGreaterThan(0)
    expect(next.lane).toMatchObject({ state: 'failed', failure: { code: 'VERIFY_FAILED' } })
  })

  it('is read again where it was changed so lately that the next change might not be seen', async () => {
    // However long that takes, by this clock no two seconds have gone by since.
    await flash('card.img', -HOUR_MS)
    expect((await flash('card.img', -HOUR_MS)).readCount).toBeGreaterThan(0)
  })

  it('is held against another map, and against a sum that is said of it, once each', async () => {
    await flash('card.img', HOUR_MS, { bmap: null })
    const said = execFileSync('sha256sum', [file('card.img')], { encoding: 'utf8' }).slice(0, 64)
    expect((await flash('card.img', HOUR_MS, { sha256: said })).readCount).toBeGreaterThan(0)
    const known = await flash('card.img', HOUR_MS, { sha256: said })
    expect(known).toMatchObject({ readCount: 0, sha256: said, heldAt: [expect.any(Number), expect.any(Number)] })
    expect((await flash('card.img', HOUR_MS, { sha256: '0'.repeat(64) })).lane).toMatchObject({ failure: { code: 'VERIFY_FAILED' } })
    writeFileSync(file('other.img'), noise(4 * MIB, 2))
    execFileSync('bmaptool', ['create', file('other.img'), '-o', file('other.bmap')], { stdio: 'ignore' })
    const { readCount, lane } = await flash('card.img', HOUR_MS, { bmap: file('other.bmap') })
    expect(readCount).toBeGreaterThan(0)
    expect(lane).toMatchObject({ failure: { code: 'VERIFY_FAILED' } })
  })
})
