import { describe, expect, it } from 'vitest'
import { type OutsideFacts, type PendingFacts, whyOutside, whyPending } from './why-pending.ts'

const MINUTE = 60_000
const pending: PendingFacts = {
  ...{ admission: { kind: 'open' }, isAdmitted: false, failedAttempts: 0, retries: 0, olderName: null },
  ...{ lastSeenAt: 1, nextPollAt: 25 * MINUTE, now: 0 },
}

describe('why a device has not begun', () => {
  it.each<[string, Partial<PendingFacts>, string]>([
    ['it asks later', {}, 'It gets it when it asks next, in about 25 min.'],
    ['its rhythm is not known', { nextPollAt: null }, 'It gets it when it asks next; how often it asks is not known yet.'],
    ['it is late', { now: 60 * MINUTE }, 'It should have asked 35 min ago: is it on, and in the network?'],
    ['it was never heard', { lastSeenAt: null, nextPollAt: null }, 'It gets it when it is heard for the first time.'],
    ['an older one is first', { olderName: 'v1 to all' }, 'It first gets the older deployment "v1 to all".'],
    ['its phase is not open', { admission: { kind: 'wait', why: 'Phase 2.', opensAt: null } }, 'Phase 2.'],
    [
      'it was let in before',
      { admission: { kind: 'wait', why: 'Phase 2.', opensAt: null }, isAdmitted: true },
      'It gets it when it asks next, in about 25 min.',
    ],
    ['a try has failed', { failedAttempts: 1, retries: 2 }, 'Try 1 of 3 has failed. It gets it when it asks next, in about 25 min.'],
  ])('%s', (_, change, text) => {
    expect(whyPending({ ...pending, ...change })).toBe(text)
  })
})

const outside: OutsideFacts = {
  ...{ deviceStatus: 'accepted', deviceGroup: null, deviceCreatedAt: 1, filter: null, group: null, isOpen: false, createdAt: 2 },
}

describe('why a deployment is not for a device', () => {
  it.each<[Partial<OutsideFacts>, string]>([
    [{ deviceStatus: null }, 'no such device'],
    [{ deviceStatus: 'pending' }, 'only accepted devices'],
    [{ filter: 'a=b', isOpen: true }, 'did not fit the filter a=b'],
    [{ filter: 'a=b' }, 'admits no further device'],
    [{ group: 'lab' }, 'it is in no group, and the deployment is for lab'],
    [{ group: 'lab', deviceGroup: 'other' }, 'it is in the group other'],
    [{ deviceCreatedAt: 3 }, 'it came after the deployment was made'],
    [{}, 'a list of devices without this one'],
  ])('%j', (change, text) => {
    expect(whyOutside({ ...outside, ...change })).toContain(text)
  })
})
