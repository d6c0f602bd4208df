import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../../cli/live.ts'
import { toAppError } from '../../contract/errors.ts'
import { type TestEngine, openTestEngine } from '../engine.cases.ts'

let bench: TestEngine

beforeAll(async () => {
  bench = await openTestEngine()
})
afterAll(() => bench[Symbol.asyncDispose]())

describe('recipes', () => {
  const plain = { image: '/images/card.img', layout: null, verify: true, differential: false }

  it('are kept by name: one that is saved again takes the place of the one before', async () => {
    const { recipes } = bench.client
    await recipes.save({ ...plain, name: 'board 10' })
    await recipes.save({ ...plain, name: 'board 9', layout: { text: 'version: 1', folder: '/layouts' } })
    await recipes.save({ ...plain, name: 'board 10', verify: false })
    const names = (await until(recipes.list(), () => true)).map(({ name, verify }) => [name, verify])
    expect(names).toEqual([
      ['board 9', true],
      ['board 10', false],
    ])
    await recipes.remove({ name: 'board 10' })
    await recipes.remove({ name: 'board 10' })
    expect(await until(recipes.list(), (all) => all.length === 1)).toMatchObject([{ layout: { folder: '/layouts' } }])
  })

  it('are refused without an image', async () => {
    expect(await bench.client.recipes.save({ ...plain, name: 'x', image: '' }).catch(toAppError)).toMatchObject({ code: 'BAD_INPUT' })
  })
})
