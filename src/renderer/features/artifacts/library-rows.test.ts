import type { Artifact } from '@contract/artifacts.ts'
import { describe, expect, it } from 'vitest'
import { rangeOf, releasesOf } from './library-rows.ts'

const artifact = (name: string, more: Partial<Artifact> = {}): Artifact => ({
  ...{
    id: `${name}-${more.deviceTypes?.join('') ?? ''}`,
    formatVersion: 3,
    name,
    group: null,
    deviceTypes: ['board'],
    payloadType: 'rootfs-image',
  },
  ...{
    compression: 'gzip',
    dependsNames: [],
    dependsGroups: [],
    provides: {},
    depends: {},
    clearsProvides: [],
    scripts: [],
    metaData: null,
  },
  ...{ files: [], warnings: [], signature: { present: false, verifiedBy: null }, sizeBytes: 1, sha256: '', description: '', addedAt: 0 },
  installedCount: 0,
  ...more,
})

const library = [
  artifact('os-v10', { sizeBytes: 10, addedAt: 3, provides: { 'rootfs-image.version': 'v10' } }),
  artifact('os-v9', { sizeBytes: 9, addedAt: 2, signature: { present: true, verifiedBy: 'release' } }),
  artifact('app', { payloadType: 'script', sizeBytes: 1, addedAt: 1, deviceTypes: ['a'] }),
  artifact('app', { payloadType: 'script', sizeBytes: 20, addedAt: 0, deviceTypes: ['b'] }),
]
const names = (query: string, by: 'name' | 'sizeBytes' = 'name', isDown = false) =>
  releasesOf(library, query, { by, isDown }).map(({ name }) => name)

describe('the library', () => {
  it('groups artifacts of one name as a release, and counts in names', () => {
    expect(releasesOf(library, '', { by: 'name', isDown: false }).map((each) => [each.name, each.artifacts.length])).toEqual([
      ['app', 2],
      ['os-v9', 1],
      ['os-v10', 1],
    ])
    expect(names('', 'sizeBytes', true)).toEqual(['app', 'os-v10', 'os-v9'])
  })

  it('finds by name, type, device type, provides and signature, every word of the search', () => {
    expect(names('os 9')).toEqual(['os-v9'])
    expect(names('script b')).toEqual(['app'])
    expect(names('version:v10')).toEqual(['os-v10'])
    expect(names('signed')).toEqual(['os-v9'])
    expect(names('unsigned')).toEqual(['app', 'os-v10'])
    expect(names('release')).toEqual(['os-v9'])
    expect(names('nothing')).toEqual([])
  })

  it('takes a range of rows in either direction', () => {
    expect(rangeOf(['a', 'b', 'c', 'd'], 'c', 'b')).toEqual(['b', 'c'])
    expect(rangeOf(['a', 'b', 'c', 'd'], 'b', 'd')).toEqual(['b', 'c', 'd'])
  })
})
