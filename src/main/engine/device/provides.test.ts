import { describe, expect, it } from 'vitest'
import { applyProvides, providesOf, whyNotCompatible } from './provides.ts'

const HEADER = { deviceTypes: ['a', 'b'], dependsNames: [], dependsGroups: [], depends: {} }
const FACTS = { deviceType: 'a', artifactName: 'v1', provides: { colour: 'red' } }

describe('what a device provides', () => {
  it('loses what the artifact clears and gains what it provides', () => {
    const current = { 'rootfs-image.version': '1', 'rootfs-image.checksum': 'x', 'data.version': '7', rootfsXimage: 'stays' }
    const after = applyProvides(current, { provides: { 'rootfs-image.version': '2' }, clearsProvides: ['rootfs-image.*'] })
    expect(after).toEqual({ 'data.version': '7', rootfsXimage: 'stays', 'rootfs-image.version': '2' })
  })

  it('is cleared whole by an artifact that does not say what it clears', () => {
    expect(applyProvides({ a: '1' }, providesOf({ group: 'g', provides: { b: '2' }, clearsProvides: null }))).toEqual({
      b: '2',
      artifact_group: 'g',
    })
  })

  it('decides with the device type which artifacts it takes', () => {
    expect(whyNotCompatible(HEADER, FACTS)).toBeNull()
    expect(whyNotCompatible({ ...HEADER, depends: { colour: ['blue', 'red'] }, dependsNames: ['v1'] }, FACTS)).toBeNull()
    expect(whyNotCompatible(HEADER, { ...FACTS, deviceType: 'c' })).toContain('is for device type a, b')
    expect(whyNotCompatible({ ...HEADER, depends: { colour: 'blue' } }, FACTS)).toContain(
      'depends on colour blue, which is not met: this device provides red',
    )
    expect(whyNotCompatible({ ...HEADER, dependsNames: ['v0'] }, FACTS)).toContain('artifact_name v0')
    expect(whyNotCompatible({ ...HEADER, dependsGroups: ['g'] }, FACTS)).toContain('artifact_group, which is missing on this device')
  })
})
