import type { DeploymentPlan, Phase, PhaseSize } from '../../contract/deployments.ts'
import { timeText } from '../../contract/plan-text.ts'

/** What decides whether one more device may begin. */
export interface PhaseFacts {
  plan: Pick<DeploymentPlan, 'startAt' | 'phases'>
  deviceCount: number
  /** Devices that were let in so far, and how many of these have ended. */
  admittedCount: number
  settledCount: number
  now: number
}

export type Admission =
  | { kind: 'open' }
  /** `opensAt` is null when that depends on other devices. */
  | { kind: 'wait'; why: string; opensAt: number | null }

/** How many devices each phase lets in, together with those before it. The last one lets everybody in. */
export function phaseLimits(phases: readonly Phase[], deviceCount: number): number[] {
  let sum = 0
  return phases.map(({ size }, index) => {
    sum = index === phases.length - 1 ? deviceCount : Math.min(deviceCount, sum + devicesOf(size, deviceCount))
    return sum
  })
}

function devicesOf(size: PhaseSize, deviceCount: number): number {
  if (size.kind === 'rest') return deviceCount
  return size.kind === 'devices' ? size.count : Math.ceil((size.percent / 100) * deviceCount)
}

/**
 * Whether one more device may begin: not before the start, and not more than the phases that are open let in. Who asks first is let in
 * first, so that a device which is off holds up nobody.
 */
export function admission({ plan, deviceCount, admittedCount, settledCount, now }: PhaseFacts): Admission {
  const { startAt, phases } = plan
  if (startAt !== null && now < startAt) return { kind: 'wait', why: `It is scheduled for ${timeText(startAt)}.`, opensAt: startAt }
  const limits = phaseLimits(phases, deviceCount)
  for (const [index, { startAt: opensAt }] of phases.entries()) {
    const before = limits[index - 1] ?? 0
    const name = `Phase ${index + 1} of ${phases.length}`
    if (opensAt !== null && now < opensAt) return { kind: 'wait', why: `${name} opens at ${timeText(opensAt)}.`, opensAt }
    const isBeforeDone = admittedCount >= before && settledCount >= before
    if (opensAt === null && index > 0 && !isBeforeDone) {
      const left = before - settledCount
      return {
        kind: 'wait',
        why: `${name} opens when ${left === 1 ? 'one more device has' : `${left} more devices have`} ended.`,
        opensAt: null,
      }
    }
    if (admittedCount < (limits[index] ?? 0)) return { kind: 'open' }
  }
  return { kind: 'open' }
}

/** Whether so many failures stop a deployment, and the sentence that says so; null when they do not. */
export function stopReason({ maxFailures }: Pick<DeploymentPlan, 'maxFailures'>, failureCount: number): string | null {
  if (maxFailures === null || failureCount <= maxFailures) return null
  const failed = failureCount === 1 ? 'One device has failed' : `${failureCount} devices have failed`
  return `${failed}, and ${maxFailures === 0 ? 'none' : `only ${maxFailures}`} may: no further device gets it.`
}
