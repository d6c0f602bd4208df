import { type DeploymentPlan, deploymentPlan } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { readPhases, readTime } from '../../contract/plan-text.ts'

/** What the options of `otabench deploy` say of how to go about it. */
export interface PlanOptions {
  retries?: string
  at?: string
  phases?: string
  maxFailures?: string
  maxDevices?: string
}

/** The plan that options describe. BAD_INPUT names the option. */
export function readPlan({ retries, at, phases, maxFailures, maxDevices }: PlanOptions, now: number): DeploymentPlan {
  return deploymentPlan.parse({
    retries: retries === undefined ? 0 : wholeNumber('--retries', retries, { min: 0, max: 100 }),
    startAt: at === undefined ? null : readTime('--at', at, now),
    phases: phases === undefined ? [] : readPhases('--phases', phases, now),
    maxFailures: maxFailures === undefined ? null : wholeNumber('--max-failures', maxFailures, { min: 0, max: 1e9 }),
    maxDevices: maxDevices === undefined ? null : wholeNumber('--max-devices', maxDevices, { min: 1, max: 1e9 }),
  })
}

function wholeNumber(option: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new AppError('BAD_INPUT', `${option} ${text} is not a whole number from ${min} to ${max}`, 'Write digits only.')
  return value
}
