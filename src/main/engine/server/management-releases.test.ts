import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { removeReleases } from './release-actions.ts'
import { type Bench, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const PATH = '/api/management/v2/deployments/deployments/releases'
const ONE = `${PATH}/{release_name}`
const tag = (name: string, body: unknown) => bench.call({ method: 'PUT', path: `${ONE}/tags`, params: { release_name: name }, body })
const show = (name: string) => bench.call({ method: 'GET', path: ONE, params: { release_name: name } })
const allTags = async () => (await bench.call({ method: 'GET', path: '/api/management/v2/deployments/releases/all/tags' })).json
const namesOf = async (query: string, path = PATH) =>
  JSON.parse((await bench.call({ method: 'GET', path, query })).text).map(
    (each: { name?: string; Name?: string }) => each.name ?? each.Name,
  )

describe('releases', () => {
  it('carry tags, kept in small letters, by which they are found', async () => {
    await bench.addArtifact('v1')
    await bench.addArtifact('v2')
    expect((await tag('v1', ['Stable', 'lab', 'lab'])).status).toBe(204)
    expect((await tag('v2', ['nightly'])).status).toBe(204)
    expect((await show('v1')).json).toMatchObject({ tags: ['lab', 'stable'] })
    expect(await allTags()).toEqual(['lab', 'nightly', 'stable'])
    expect(await namesOf('?tag=stable&tag=other')).toEqual(['v1'])
    expect(await namesOf('?sort=tags:desc')).toEqual(['v2', 'v1'])
    await tag('v1', [])
    expect(await allTags()).toEqual(['nightly'])
  })

  it('refuse what is no tag, and too many', async () => {
    for (const name of ['v1', 'v2', 'v3', 'v4', 'v5', 'v6']) await bench.addArtifact(name)
    const many = (count: number, prefix = 't') => Array.from({ length: count }, (_, number) => `${prefix}${number}`)
    for (const bad of [['two words'], [''], ['ümlaut'], many(21), 'text', [1]]) expect((await tag('v1', bad)).status).toBe(400)
    for (const name of ['v1', 'v2', 'v3', 'v4', 'v5']) expect((await tag(name, many(20, name))).status).toBe(204)
    expect((await tag('v6', ['one-more'])).status).toBe(409)
    expect((await tag('v6', ['v10'])).status).toBe(204)
  })

  it('carry notes', async () => {
    await bench.addArtifact('v1')
    const note = (notes: string) => bench.call({ method: 'PATCH', path: ONE, params: { release_name: 'v1' }, body: { notes } })
    expect((await note('boots twice as fast')).status).toBe(204)
    await tag('v1', ['a'])
    expect((await show('v1')).json).toMatchObject({ notes: 'boots twice as fast', tags: ['a'] })
    expect((await note('x'.repeat(1025))).status).toBe(400)
    const url = `${PATH}/unknown`
    const headers = { authorization: `Bearer ${bench.token}` }
    expect((await bench.app.inject({ method: 'PATCH', url, headers, payload: { notes: '' } })).statusCode).toBe(404)
  })

  it('are removed with every artifact, but not while one is being deployed', async () => {
    await bench.addArtifact('v1', ['a'])
    await bench.addArtifact('v1', ['b'])
    await bench.addArtifact('v2')
    await tag('v1', ['x'])
    const devices = [bench.addDevice('a')]
    const path = '/api/management/v1/deployments/deployments'
    const { headers } = await bench.call({ method: 'POST', path, body: { name: 'd', artifact_name: 'v2', devices } })
    const remove = (query: string) => bench.call({ method: 'DELETE', path: PATH, query })
    expect(await remove('?name=v1&name=v2')).toMatchObject({
      status: 409,
      json: { active_deployments: [String(headers.location).split('/').at(-1)] },
    })
    expect((await remove('?name=v1&name=gone')).status).toBe(204)
    expect(await namesOf('')).toEqual(['v2'])
    expect(await allTags()).toEqual([])
    expect((await remove('')).status).toBe(400)
  })

  it('are gone from the moment that their removal begins', async () => {
    for (const deviceTypes of [['board'], ['other'], ['third']]) await bench.addArtifact('v1', deviceTypes)
    const { store } = bench.parts
    expect(store.artifacts.byName('v1')).toHaveLength(3)
    const removing = removeReleases(bench.parts, ['v1'])
    expect(store.artifacts.byName('v1')).toEqual([])
    expect(await removing).toEqual([])
  })

  it('are found by name, description, device type and payload type', async () => {
    await bench.addArtifact('v1', ['rpi4'])
    await bench.addArtifact('w1', ['bbb'])
    const v1 = '/api/management/v1/deployments/deployments/releases'
    expect(await namesOf('?name=v')).toEqual(['v1'])
    expect(await namesOf('?update_type=module&sort=name:desc')).toEqual(['w1', 'v1'])
    expect(await namesOf('?update_type=other')).toEqual([])
    for (const path of [v1, `${v1}/list`]) {
      expect(await namesOf('?device_type=rpi*', path)).toEqual(['v1'])
      expect(await namesOf('?description=none', path)).toEqual([])
    }
  })
})
