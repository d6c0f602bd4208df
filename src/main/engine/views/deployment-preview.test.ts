import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { type Store, openStore } from '../store/open.ts'
import { ARTIFACT_CONTENT } from './artifact-content.cases.ts'
import { previewDeployment } from './deployment-preview.ts'

describe('what an order would do', () => {
  let store: Store
  beforeEach(() => {
    store = openStore(':memory:')
  })
  afterEach(() => store.close())

  function addDevice(id: string, deviceType: string | null, artifactName = 'v1'): void {
    store.devices.add({ id, identityHash: id, identity: { mac: id }, createdAt: 1 })
    store.devices.setReported(id, { deviceType, artifactName, at: 1 })
    store.devices.rename(id, `name of ${id}`)
  }
  function addArtifact(id: string, change: Partial<ArtifactContent> = {}): void {
    store.artifacts.add({ id, description: '', sizeBytes: 1, sha256: '', content: { ...ARTIFACT_CONTENT, ...change }, addedAt: 1 })
  }
  const preview = (isForced = false) => previewDeployment({ artifactName: 'v2', isForced, filters: [] }, store)

  it('is counted for each reason, refusals first', async () => {
    addArtifact('a')
    addDevice('d1', 'board')
    addDevice('d2', 'other')
    addDevice('d3', 'board', 'v2')
    addDevice('d4', null)
    expect((await preview()).map(({ kind, deviceCount, deviceNames }) => [kind, deviceCount, ...deviceNames])).toEqual([
      ['refuses', 1, 'name of d2'],
      ['refuses', 1, 'name of d4'],
      ['has', 1, 'name of d3'],
      ['takes', 1, 'name of d1'],
    ])
    expect((await preview())[0]?.why).toBe('Its device type "other" is not among "board".')
    expect((await preview(true)).map(({ kind }) => kind)).not.toContain('has')
  })

  it('takes any artifact of the name that fits, as the server does', async () => {
    addArtifact('a')
    addArtifact('b', { deviceTypes: ['other'] })
    addDevice('d1', 'board')
    addDevice('d2', 'other')
    expect(await preview()).toMatchObject([{ kind: 'takes', deviceCount: 2 }])
  })

  it('judges by what an artifact depends on, and by whether a device has said it', async () => {
    addArtifact('a', { depends: { checksum: 'x' } })
    for (const id of ['d1', 'd2', 'd3', 'd4', 'd5']) addDevice(id, 'board')
    const say = (id: string, name: string, value: string): unknown => store.inventory.merge(id, [{ scope: 'inventory', name, value }], 1)
    say('d1', 'checksum', 'x')
    say('d2', 'checksum', 'x')
    say('d3', 'checksum', 'z')
    say('d4', 'room', 'x')
    const told = (await preview()).map(({ kind, why, deviceNames }) => ({ kind, deviceNames, isKnown: !why.includes('not known') }))
    expect(told).toHaveLength(4)
    expect(told).toContainEqual({ kind: 'takes', deviceNames: ['name of d1', 'name of d2'], isKnown: true })
    expect(told).toContainEqual({ kind: 'takes', deviceNames: ['name of d5'], isKnown: false })
    expect(
      told
        .filter(({ kind }) => kind === 'refuses')
        .flatMap(({ deviceNames }) => deviceNames)
        .toSorted(),
    ).toEqual(['name of d3', 'name of d4'])
  })

  it('counts a thousand devices, and names the first of them', async () => {
    addArtifact('a')
    for (let at = 0; at < 1000; at += 1) addDevice(`d${at}`, 'board')
    const [all, ...others] = await preview()
    expect(others).toEqual([])
    expect(all?.deviceCount).toBe(1000)
    expect(all?.deviceNames).toHaveLength(100)
  })
})
