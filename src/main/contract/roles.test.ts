import { expect, it } from 'vitest'
import { contract } from './index.ts'
import { hasRole, roleNeeded, roleRefusal, userRole } from './roles.ts'

it('says of every group of operations what it takes', () => {
  const needs = Object.keys(contract).map((group) => [group, roleNeeded(group, 'read'), roleNeeded(group, 'order')].join(' '))
  expect(needs.filter((line) => line.endsWith('engineer engineer'))).toEqual(['backup engineer engineer', 'users engineer engineer'])
  expect(roleNeeded('never heard of', 'read')).toBe('engineer')
})

it('lets each role do what those below it may, and says why not', () => {
  for (const role of userRole.options) expect(hasRole('engineer', role)).toBe(true)
  expect(userRole.options.filter((role) => hasRole('operator', role))).toEqual(['viewer', 'operator'])
  expect(roleRefusal('viewer', 'viewer')).toBeNull()
  expect(roleRefusal('viewer', 'engineer')).toBe('This takes an engineer, and you are a viewer.')
})

it('lets an engineer alone set the PIN that keeps operators at the station', () => {
  expect(roleNeeded('station.setPin', 'order')).toBe('engineer')
  expect(roleNeeded('station.start', 'order')).toBe('operator')
  expect(roleNeeded('station', 'order')).toBe('operator')
})
