import { describe, expect, it } from 'vitest'
import type { Slot } from '../../contract/devices.ts'
import { cardState } from '../../contract/devices.ts'
import { FIRST_SILENCE_RULE } from '../../contract/silence.ts'
import { type CardFacts, cardOf } from './card.ts'

const NOW = 10_000_000
const device: CardFacts['device'] = {
  status: 'accepted',
  artifactName: 'v1',
  lastSeenAt: NOW - 1000,
  lastPollAt: NOW - 1000,
  pollIntervalMs: 5000,
}
const base: CardFacts = {
  device,
  deployment: null,
  slots: null,
  boot: null,
  isPowered: true,
  mismatch: null,
  nextPollAt: NOW + 4000,
  silence: FIRST_SILENCE_RULE,
  now: NOW,
}

const on = (change: Partial<CardFacts['device']>): Partial<CardFacts> => ({ device: { ...device, ...change } })
const deployed = (change: Partial<NonNullable<CardFacts['deployment']>>): Partial<CardFacts> => ({
  deployment: { artifactName: 'v2', status: 'pending', explanation: '', startedAt: null, finishedAt: null, ...change },
})
const ended = (status: 'success' | 'failure' | 'aborted' | 'noartifact', explanation = '') =>
  deployed({ status, explanation, startedAt: NOW - 60_000, finishedAt: NOW - 3000 })

function slots(name: string, change: Partial<Slot> = {}, other: Partial<Slot> = {}): Slot[] {
  const bytes = { writtenBytes: 0, sizeBytes: 100 }
  return [
    { name: 'A', artifactName: name, isRunning: true, condition: 'committed', ...bytes, ...change },
    { name: 'B', artifactName: null, isRunning: false, condition: 'idle', ...bytes, ...other },
  ]
}

const gone = { device: { ...device, lastSeenAt: NOW - 60_000, lastPollAt: NOW - 60_000 }, nextPollAt: NOW - 55_000 }
const late = { device: { ...device, lastSeenAt: NOW - 12_000, lastPollAt: NOW - 12_000 }, nextPollAt: NOW - 7000 }

const TABLE: [string, Partial<CardFacts>, string, string][] = [
  ['a device that asks', on({ status: 'pending' }), 'pending', 'waits to be accepted'],
  ['a rejected one', on({ status: 'rejected' }), 'rejected', 'its key was rejected'],
  ['a preauthorized one', on({ status: 'preauthorized', lastSeenAt: null }), 'expected', 'not seen yet'],
  ['an accepted one that never came', on({ lastSeenAt: null, lastPollAt: null, pollIntervalMs: null }), 'expected', 'not seen yet'],
  ['one that runs another system than it says', { mismatch: 'slot A runs v1' }, 'mismatch', 'slot A runs v1'],
  ['a quiet, polling one', {}, 'up-to-date', 'runs v1'],
  ['one whose slots are seen', { slots: slots('v1') }, 'up-to-date', 'runs v1 on A'],
  ['one that is switched off', { isPowered: false, ...deployed({ status: 'downloading' }) }, 'off', 'switched off'],
  [
    'an expected one that is switched off',
    { ...on({ status: 'preauthorized', lastSeenAt: null }), isPowered: false },
    'off',
    'switched off',
  ],
  ['one that polls late', late, 'overdue', 'its poll is late by 7 s; runs v1'],
  ['one that is gone', gone, 'offline', 'last heard 60 s ago; runs v1'],
  [
    'one of unknown rhythm, silent for three hours',
    on({ lastSeenAt: NOW - 10_800_000, pollIntervalMs: null }),
    'offline',
    'last heard 3 h ago; runs v1',
  ],
  ['a half-updated one', on({ artifactName: 'v2_INCONSISTENT' }), 'inconsistent', 'runs v2_INCONSISTENT; an update was left half-way'],
  ['one with work to fetch', deployed({}), 'queued', 'v2'],
  ['one with work to fetch that does not come', { ...deployed({}), ...gone }, 'offline', 'v2 pending; last heard 60 s ago'],
  ['one that downloads', deployed({ status: 'downloading' }), 'downloading', 'v2'],
  ['one that installs', deployed({ status: 'installing' }), 'installing', 'v2'],
  [
    'one that writes a slot that is seen',
    { ...deployed({ status: 'installing' }), slots: slots('v1', {}, { condition: 'writing' }) },
    'installing',
    'v2 to B',
  ],
  ['one that reboots', deployed({ status: 'rebooting' }), 'rebooting', 'v2'],
  ['one that waits before the commit', deployed({ status: 'pause_before_committing' }), 'paused', 'v2, before committing'],
  [
    'one in its trial boot',
    {
      ...deployed({ status: 'rebooting' }),
      slots: slots('v2', { condition: 'trial' }),
      boot: { bootCount: 1, bootLimit: 1, isUpgradeAvailable: true, bootSlot: 'A' },
    },
    'trial-boot',
    'v2 on A, boot 1/1, not committed',
  ],
  [
    'one silent for long in the midst of an update',
    { ...deployed({ status: 'installing' }), ...on({ lastSeenAt: NOW - 700_000 }) },
    'overdue',
    'v2 installing; nothing heard for 11 min',
  ],
  [
    'one silent for a while in the midst of an update',
    { ...deployed({ status: 'installing' }), ...on({ lastSeenAt: NOW - 60_000 }) },
    'installing',
    'v2',
  ],
  ['one just updated, before its next poll', { ...ended('success'), ...on({ lastPollAt: NOW - 60_000 }) }, 'updated', 'v2'],
  ['one updated that has said so', { ...ended('success'), ...on({ artifactName: 'v2' }), slots: slots('v2') }, 'updated', 'v2 on A'],
  [
    'one updated long ago',
    { ...deployed({ status: 'success', finishedAt: NOW - 4_000_000 }), ...on({ artifactName: 'v2' }) },
    'up-to-date',
    'runs v2',
  ],
  ['one that says success and then runs the old', ended('success'), 'mismatch', 'the server was told that v2 is installed, but it runs v1'],
  [
    'one that says success and is seen running the old',
    { ...ended('success'), ...on({ lastPollAt: NOW - 60_000 }), slots: slots('v1', {}, { artifactName: 'v2' }) },
    'mismatch',
    'the server was told that v2 is installed, but it runs v1 on A',
  ],
  [
    'one updated by a module, before its next poll: the slot keeps the name of its image',
    { ...ended('success'), ...on({ lastPollAt: NOW - 60_000 }), slots: slots('v1') },
    'updated',
    'v2 on A',
  ],
  [
    'one updated by a module long ago',
    { ...deployed({ status: 'success', finishedAt: NOW - 4_000_000 }), ...on({ artifactName: 'v2' }), slots: slots('v1') },
    'up-to-date',
    'runs v2 on A',
  ],
  ['one that failed and is seen running the new', { ...ended('failure'), slots: slots('v2') }, 'failed', 'v2 failed'],
  ['one that failed and runs the old', ended('failure'), 'rolled-back', 'v2 failed, runs v1'],
  [
    'one that failed and is seen running the old',
    { ...ended('failure', 'No init found.'), slots: slots('v1', {}, { condition: 'failed' }) },
    'rolled-back',
    'v2 failed, runs v1 on A: No init found.',
  ],
  ['one that failed and runs the new', { ...ended('failure'), ...on({ artifactName: 'v2' }) }, 'failed', 'v2 failed'],
  ['one that failed and says nothing', { ...ended('failure'), ...on({ artifactName: null }) }, 'failed', 'v2 failed'],
  [
    'one without a fitting artifact',
    ended('noartifact', 'The device type "x" is not among y.'),
    'up-to-date',
    'runs v1; The device type "x" is not among y.',
  ],
  ['one whose deployment was aborted', ended('aborted', 'Aborted.'), 'up-to-date', 'runs v1; Aborted.'],
]

describe('the card of', () => {
  it.each(TABLE)('%s', (_, change, state, detail) => {
    expect(cardOf({ ...base, ...change })).toEqual({ state, detail })
  })
})

it('has a test for every word that a card can show', () => {
  expect(new Set(TABLE.map(([, , state]) => state))).toEqual(new Set(cardState.options))
})
