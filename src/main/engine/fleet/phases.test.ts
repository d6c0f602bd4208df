import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Phase } from '../../contract/deployments.ts'
import { type PhaseFacts, admission, phaseLimits, stopReason } from './phases.ts'

const percent = (value: number, startAt: number | null = null): Phase => ({ size: { kind: 'percent', percent: value }, startAt })
const devices = (count: number, startAt: number | null = null): Phase => ({ size: { kind: 'devices', count }, startAt })
const rest = (startAt: number | null = null): Phase => ({ size: { kind: 'rest' }, startAt })

const NOW = Date.UTC(2026, 4, 1, 12)
const facts = (phases: Phase[], change: Partial<PhaseFacts> = {}): PhaseFacts => ({
  ...{ plan: { startAt: null, phases }, deviceCount: 10, admittedCount: 0, settledCount: 0, now: NOW },
  ...change,
})

describe('phases', () => {
  it('let in so many devices in all, and the last one everybody', () => {
    expect(phaseLimits([devices(1), percent(25), rest()], 10)).toEqual([1, 4, 10])
    expect(phaseLimits([percent(10)], 10)).toEqual([10])
    expect(phaseLimits([percent(1), percent(1), percent(1)], 10)).toEqual([1, 2, 10])
    expect(phaseLimits([devices(50), rest()], 10)).toEqual([10, 10])
    expect(phaseLimits([], 10)).toEqual([])
  })

  it('never let in fewer than the one before, nor more than there are', () => {
    const phase = fc.oneof(
      fc.integer({ min: 1, max: 100 }).map((value) => percent(value)),
      fc.integer({ min: 1, max: 1000 }).map((value) => devices(value)),
      fc.constant(rest()),
    )
    fc.assert(
      fc.property(fc.array(phase, { minLength: 1 }), fc.nat(1000), (phases, count) => {
        const limits = phaseLimits(phases, count)
        expect(limits).toEqual(limits.toSorted((a, b) => a - b))
        expect(limits.at(-1)).toBe(count)
      }),
    )
  })

  it.each<[string, PhaseFacts, ReturnType<typeof admission>]>([
    ['everybody without phases', facts([]), { kind: 'open' }],
    ['the first one at once', facts([devices(1), rest()]), { kind: 'open' }],
    [
      'nobody before the start',
      facts([], { plan: { startAt: NOW + 1, phases: [] } }),
      { kind: 'wait', why: 'It is scheduled for 2026-05-01 12:00 UTC.', opensAt: NOW + 1 },
    ],
    ['everybody at the start', facts([], { plan: { startAt: NOW, phases: [] } }), { kind: 'open' }],
    [
      'nobody before the time of the phase',
      facts([devices(1), rest(NOW + 60_000)], { admittedCount: 1, settledCount: 1 }),
      { kind: 'wait', why: 'Phase 2 of 2 opens at 2026-05-01 12:01 UTC.', opensAt: NOW + 60_000 },
    ],
    [
      'the rest at the time of the phase, though the first is still at it',
      facts([devices(1), rest(NOW)], { admittedCount: 1 }),
      { kind: 'open' },
    ],
    [
      'nobody until those before have ended',
      facts([devices(3), rest()], { admittedCount: 3, settledCount: 2 }),
      { kind: 'wait', why: 'Phase 2 of 2 opens when one more device has ended.', opensAt: null },
    ],
    ['the rest when those before have ended', facts([devices(3), rest()], { admittedCount: 3, settledCount: 3 }), { kind: 'open' }],
    [
      'the second phase and not the third',
      facts([devices(1), devices(2), rest()], { admittedCount: 3, settledCount: 1 }),
      { kind: 'wait', why: 'Phase 3 of 3 opens when 2 more devices have ended.', opensAt: null },
    ],
  ])('let in %s', (_, given, expected) => {
    expect(admission(given)).toEqual(expected)
  })
})

it('stops for more failures than may be, and only then', () => {
  expect(stopReason({ maxFailures: null }, 99)).toBeNull()
  expect(stopReason({ maxFailures: 1 }, 1)).toBeNull()
  expect(stopReason({ maxFailures: 1 }, 2)).toBe('2 devices have failed, and only 1 may: no further device gets it.')
  expect(stopReason({ maxFailures: 0 }, 1)).toBe('One device has failed, and none may: no further device gets it.')
})
