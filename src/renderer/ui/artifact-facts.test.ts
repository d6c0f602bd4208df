import { expect, test } from 'vitest'
import { signatureWord, typeObstacle } from './artifact-facts.ts'

test('a device of another type is an obstacle, and both types are named', () => {
  expect(typeObstacle({ deviceTypes: ['rpi4', 'rpi5'] }, 'beaglebone')).toBe('is for rpi4, rpi5, not beaglebone')
  expect(typeObstacle({ deviceTypes: ['rpi4'] }, 'rpi4')).toBeNull()
})

test('a device whose type is not known yet is no obstacle', () => {
  expect(typeObstacle({ deviceTypes: ['rpi4'] }, null)).toBeNull()
})

test('a signature names the key that proved it', () => {
  expect(signatureWord({ present: true, verifiedBy: 'bench' })).toBe('signed by bench')
  expect(signatureWord({ present: true, verifiedBy: null })).toBe('signed by a key that is not here')
  expect(signatureWord({ present: false, verifiedBy: null })).toBe('not signed')
})
