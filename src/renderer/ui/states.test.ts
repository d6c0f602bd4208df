import { type CardState, cardState, deviceDeploymentStatus } from '@contract/devices.ts'
import { expect, test } from 'vitest'
import { CARD_STATES, isBusy, needsPerson } from './card-states.ts'
import { DEPLOYMENT_STATUSES, outcomeParts } from './deployment-states.ts'

test.each(cardState.options)('the state %s has a word and an icon, so that colour is never its only sign', (state) => {
  expect(CARD_STATES[state].word).toMatch(/^[A-Z ]+$/)
  expect(CARD_STATES[state].icon).toBeDefined()
})

test('no two states of a card share a word or an icon', () => {
  const looks = Object.values(CARD_STATES)
  expect(new Set(looks.map((look) => look.word)).size).toBe(looks.length)
  expect(new Set(looks.map((look) => look.icon)).size).toBe(looks.length)
})

const device = (state: CardState) => ({ card: { state, detail: '' }, newKey: null })

test('a rollback is amber on the device and red on the deployment', () => {
  expect(CARD_STATES['rolled-back'].token).toBe('attention')
  expect(DEPLOYMENT_STATUSES.failure.token).toBe('danger')
})

test('every status of a device deployment has a look', () => {
  expect(Object.keys(DEPLOYMENT_STATUSES).toSorted()).toEqual(deviceDeploymentStatus.options.toSorted())
})

test('a trial boot is work under way and waits for nobody', () => {
  expect(isBusy('trial-boot')).toBe(true)
  expect(needsPerson(device('trial-boot'))).toBe(false)
  expect(needsPerson(device('pending'))).toBe(true)
})

test('a board that came back with a new key waits for a person, whatever else it is', () => {
  expect(needsPerson({ ...device('up-to-date'), newKey: { authsetId: 'a', keyFingerprint: 'f', askedAt: 1 } })).toBe(true)
})

test('outcomes are added up by look, and nobody is left out', () => {
  const parts = outcomeParts({ success: 3, failure: 1, pause_before_installing: 1, pause_before_committing: 2 })
  expect(parts).toEqual([
    { token: 'ok', word: 'SUCCESS', count: 3 },
    { token: 'attention', word: 'PAUSED', count: 3 },
    { token: 'danger', word: 'FAILURE', count: 1 },
  ])
})
