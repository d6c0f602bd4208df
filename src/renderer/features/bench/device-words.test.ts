import { expect, test } from 'vitest'
import { bootLine, canExplain } from './device-words.ts'

const deployment = { id: 'd', artifactName: 'v2', progress: null, finishedAt: null }

test('the boot line speaks the words of the bootloader environment', () => {
  const boot = { bootCount: 1, bootLimit: 1, isUpgradeAvailable: true, bootSlot: 'B' } as const
  expect(bootLine({ boot })).toBe('boot 1/1 · upgrade_available=1')
  expect(bootLine({ boot: null })).toBeNull()
})

test('a rolled back device offers to explain itself, an updated one does not', () => {
  expect(canExplain({ card: { state: 'rolled-back', detail: '' }, deployment: { ...deployment, status: 'failure' } })).toBe(true)
  expect(canExplain({ card: { state: 'updated', detail: '' }, deployment: { ...deployment, status: 'success' } })).toBe(false)
  expect(canExplain({ card: { state: 'up-to-date', detail: '' }, deployment: { ...deployment, status: 'noartifact' } })).toBe(true)
})

test('without a deployment there is nothing to explain', () => {
  expect(canExplain({ card: { state: 'offline', detail: '' }, deployment: null })).toBe(false)
})
