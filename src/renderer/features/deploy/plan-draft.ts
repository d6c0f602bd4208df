import { t } from '@lingui/core/macro'
import { AT_ONCE, type DeploymentPlan } from '@contract/deployments.ts'
import type { PausePoint } from '@contract/update-control.ts'
import { AppError } from '@contract/errors.ts'
import { readPhases, readTime } from '@contract/plan-text.ts'
import { say } from '../../ui/engine-words.ts'

/** The advanced part of the form, as it is typed. */
export interface PlanDraft {
  /** Of a field for local date and time; empty for at once. */
  startAt: string
  phases: string
  retries: number
  /** Empty for any number. */
  maxFailures: number | ''
  pauseBefore: readonly PausePoint[]
}

export const NO_PLAN: PlanDraft = { startAt: '', phases: '', retries: 0, maxFailures: '', pauseBefore: [] }

/** The plan that is typed, or what is wrong with it in which field. */
export function planOfDraft(draft: PlanDraft, now: number): { plan: DeploymentPlan; problems: Partial<Record<keyof PlanDraft, string>> } {
  const problems: Partial<Record<keyof PlanDraft, string>> = {}
  const read = <T>(field: 'startAt' | 'phases', none: T, parse: (text: string) => T): T => {
    if (draft[field].trim() === '') return none
    try {
      return parse(draft[field])
    } catch (thrown) {
      problems[field] = say(thrown instanceof AppError ? thrown.hint : String(thrown))
      return none
    }
  }
  const startAt = read<number | null>('startAt', null, (text) => readTime(t`Start`, text, now))
  const phases = read<DeploymentPlan['phases']>('phases', [], (text) => readPhases(t`Phases`, text, now))
  const maxFailures = draft.maxFailures === '' ? null : draft.maxFailures
  return { plan: { ...AT_ONCE, startAt, phases, retries: draft.retries, maxFailures }, problems }
}
