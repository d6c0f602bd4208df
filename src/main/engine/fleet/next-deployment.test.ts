import { describe, expect, it } from 'vitest'
import { type Candidate, type NextRequest, nextDeployment } from './next-deployment.ts'

function artifact(id: string, change: Partial<Candidate> = {}): Candidate {
  return { id, deviceTypes: ['rpi4'], depends: {}, dependsNames: [], dependsGroups: [], ...change }
}

const provides = { artifact_name: 'v1', device_type: 'rpi4', artifact_group: 'lab', 'rootfs-image.checksum': 'aa' }
const request: NextRequest = { artifactName: 'v2', isForced: false, isStarted: false, candidates: [], provides, hasAllProvides: true }
const ask = (candidates: Candidate[], change: Partial<NextRequest> = {}) => nextDeployment({ ...request, candidates, ...change })

const OBSTACLES: [string, Candidate[], string][] = [
  ['no artifact', [], 'There is no artifact named v2 in the library any more.'],
  ['another device type', [artifact('a', { deviceTypes: ['qemu', 'bbb'] })], 'Its device type "rpi4" is not among "qemu", "bbb".'],
  ['another predecessor', [artifact('a', { dependsNames: ['v0'] })], 'It depends on artifact_name being "v0"; the device has "v1".'],
  ['another group', [artifact('a', { dependsGroups: ['prod'] })], 'It depends on artifact_group being "prod"; the device has "lab".'],
  [
    'something it lacks',
    [artifact('a', { depends: { gpu: ['x', 'y'] } })],
    'It depends on gpu being "x", "y"; the device does not provide it.',
  ],
]

describe('what a device is told', () => {
  it('is the first artifact that fits, in the order in which they come', () => {
    const candidates = [artifact('other', { deviceTypes: ['bbb'] }), artifact('small'), artifact('big')]
    expect(ask(candidates)).toEqual({ kind: 'artifact', id: 'small' })
  })

  it('is that it has it already, unless forced or begun', () => {
    const runs = { provides: { ...provides, artifact_name: 'v2' } }
    expect(ask([artifact('a')], runs).kind).toBe('already-installed')
    expect(ask([artifact('a')], { ...runs, isForced: true }).kind).toBe('artifact')
    expect(ask([artifact('a')], { ...runs, isStarted: true }).kind).toBe('artifact')
  })

  it.each(OBSTACLES)('with %s is why there is nothing', (_, candidates, why) => {
    expect(ask(candidates)).toEqual({ kind: 'noartifact', why })
  })

  it('falls back from an artifact whose depends are not met', () => {
    const delta = artifact('delta', { depends: { 'rootfs-image.checksum': 'aa' }, dependsNames: ['v1'], dependsGroups: ['lab'] })
    const candidates = [delta, artifact('full')]
    expect(ask(candidates)).toEqual({ kind: 'artifact', id: 'delta' })
    expect(ask(candidates, { provides: { ...provides, 'rootfs-image.checksum': 'zz' } })).toEqual({ kind: 'artifact', id: 'full' })
  })

  it('does not hold against a device what its request cannot carry', () => {
    expect(ask([artifact('a', { depends: { gpu: 'x' } })], { hasAllProvides: false }).kind).toBe('artifact')
  })
})
