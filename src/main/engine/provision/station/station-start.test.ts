import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestEngine, openTestEngine } from '../../engine.cases.ts'
import { Readers, makeRecipe, makeSmallCard, setupOf, slotNamed } from './station.cases.ts'

let shared: string
beforeAll(() => {
  shared = mkdtempSync(join(tmpdir(), 'otabench-station-start-'))
  makeSmallCard(shared)
})
afterAll(() => rmSync(shared, { recursive: true }))

describe('a station that is switched on', () => {
  let bench: TestEngine
  let readers: Readers
  const start = ({ recipe = makeRecipe(bench.folder), image = join(shared, 'card.img'), order = 'WO-1' }) =>
    bench.client.station.start({ setup: setupOf(recipe, image), slots: [slotNamed('one')], operator: 'Ada', order })
  beforeEach(async () => {
    bench = await openTestEngine()
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
})
