import { describe, expect, it } from 'vitest'
import { versionCounts } from './version-counts.ts'

const change = (artifactName: string, step: number, delta: number) => ({ artifactName, step, delta })

describe('versions over time', () => {
  it('are what was before, and each change from its step on', () => {
    const deltas = [change('v1', -1, 3), change('v1', 1, -2), change('v2', 1, 2), change('v1', 3, -1), change('v2', 3, 1)]
    expect(versionCounts(deltas, 4, 7)).toEqual([
      { artifactName: 'v1', counts: [3, 1, 1, 0] },
      { artifactName: 'v2', counts: [0, 2, 2, 3] },
    ])
  })

  it('name the commonest, in order of appearance, and add up the others', () => {
    const deltas = [change('late', 2, 9), change('rare', 0, 1), change('early', 0, 5), change('rarer', 1, 1), change('gone', -1, 0)]
    expect(versionCounts(deltas, 3, 2)).toEqual([
      { artifactName: 'early', counts: [5, 5, 5] },
      { artifactName: 'late', counts: [0, 0, 9] },
      { artifactName: null, counts: [1, 2, 2] },
    ])
  })

  it('are none where nobody runs anything', () => {
    expect(versionCounts([], 3, 2)).toEqual([])
    expect(versionCounts([change('v1', -1, 1), change('v1', 0, -1)], 3, 2)).toEqual([])
  })
})
