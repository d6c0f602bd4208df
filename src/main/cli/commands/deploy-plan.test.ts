import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AT_ONCE } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { planText, readTime } from '../../contract/plan-text.ts'
import { readPlan } from './deploy-plan.ts'

const NOW = new Date('2026-05-01T12:00:00').getTime()

describe('the plan of a command line', () => {
  it('is at once without options', () => {
    expect(readPlan({}, NOW)).toEqual(AT_ONCE)
    expect(planText(AT_ONCE)).toBe('')
  })

  it('has phases by devices or share, from when on, retries and limits', () => {
    const plan = readPlan({ phases: '1, 10%@+2h,rest', retries: '3', at: '+30m', maxFailures: '0', maxDevices: '7' }, NOW)
    expect(plan).toEqual({
      ...{ retries: 3, maxFailures: 0, maxDevices: 7, startAt: NOW + 1_800_000 },
      phases: [
        { size: { kind: 'devices', count: 1 }, startAt: null },
        { size: { kind: 'percent', percent: 10 }, startAt: NOW + 7_200_000 },
        { size: { kind: 'rest' }, startAt: null },
      ],
    })
    expect(planText(plan)).toMatch(
      /^from 20\S+ \d+:\d+ UTC; phases 1, 10 % from 20\S+ \d+:\d+ UTC, rest; retries 3; stops after 0 failures; at most 7 devices$/,
    )
  })

  it.each([
    ['+90s', NOW + 90_000],
    ['+2d', NOW + 172_800_000],
    ['13:30', NOW + 5_400_000],
    ['11:00', new Date('2026-05-02T11:00:00').getTime()],
    ['2026-05-03T10:00:00Z', Date.UTC(2026, 4, 3, 10)],
  ])('reads the time %s', (text, at) => {
    expect(readTime('--at', text, NOW)).toBe(at)
  })

  it.each([
    { retries: '-1' },
    { retries: 'x' },
    { retries: '101' },
    { maxDevices: '0' },
    { at: 'tomorrow' },
    { at: '25:00' },
    { phases: '' },
    { phases: '0' },
    { phases: '101%' },
    { phases: '1@soon' },
  ])('refuses %j and names the option', (options) => {
    const [name = ''] = Object.keys(options)
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    expect(() => readPlan(options, NOW)).toThrow(expect.objectContaining({ code: 'BAD_INPUT', message: expect.stringContaining(option) }))
  })

  it('is a plan or refused, whatever is written', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (phases, at) => {
        try {
          readPlan({ phases, at }, NOW)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError)
        }
      }),
    )
  })
})
