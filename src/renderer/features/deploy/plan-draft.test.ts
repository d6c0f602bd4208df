import { AT_ONCE } from '@contract/deployments.ts'
import { describe, expect, it } from 'vitest'
import { NO_PLAN, planOfDraft } from './plan-draft.ts'

const NOW = new Date('2026-05-01T12:00:00').getTime()

describe('the plan that is typed', () => {
  it('is at once while nothing is', () => {
    expect(planOfDraft(NO_PLAN, NOW)).toEqual({ plan: AT_ONCE, problems: {} })
  })

  it('is what the fields say', () => {
    const { plan, problems } = planOfDraft(
      { ...NO_PLAN, startAt: '2026-05-01T22:30', phases: '1, 10 %, rest', retries: 2, maxFailures: 0 },
      NOW,
    )
    expect(problems).toEqual({})
    expect(plan).toMatchObject({ retries: 2, maxFailures: 0, startAt: new Date('2026-05-01T22:30').getTime() })
    expect(plan.phases.map(({ size }) => size)).toEqual([{ kind: 'devices', count: 1 }, { kind: 'percent', percent: 10 }, { kind: 'rest' }])
  })

  it('says at the field what is wrong with it', () => {
    expect(planOfDraft({ ...NO_PLAN, phases: 'some', startAt: 'soon' }, NOW).problems).toEqual({
      phases: expect.stringContaining('1,10%@+1h,rest'),
      startAt: expect.stringContaining('22:30'),
    })
  })
})
