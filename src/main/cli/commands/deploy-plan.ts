import { type DeploymentPlan, type Phase, type PhaseSize, deploymentPlan } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'

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
    phases: phases === undefined ? [] : phases.split(',').map((text) => readPhase(text.trim(), now)),
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

/** `10%`, `3` or `rest`, and from when on: `10%@+2h`. */
function readPhase(text: string, now: number): Phase {
  const [size = '', at] = text.split('@', 2)
  return { size: readSize(size), startAt: at === undefined ? null : readTime('--phases', at, now) }
}

function readSize(text: string): PhaseSize {
  if (text === 'rest') return { kind: 'rest' }
  const [, digits = '', sign] = /^(\d{1,9})(%)?$/.exec(text) ?? []
  const value = Number(digits)
  if (value >= 1 && sign === undefined) return { kind: 'devices', count: value }
  if (value >= 1 && value <= 100) return { kind: 'percent', percent: value }
  throw new AppError(
    'BAD_INPUT',
    `--phases: "${text}" is not the size of a phase`,
    'Write for example 1,10%@+1h,rest: devices, or a share of them.',
  )
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `+30m` from now, `22:30` today or tomorrow, or a date with or without a time of day, as this machine's clock reads it. */
export function readTime(option: string, text: string, now: number): number {
  const [, count, unit] = /^\+(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return now + Number(count) * (UNIT_MS[unit] ?? 0)
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? []
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60) {
    const today = new Date(now).setHours(Number(hour), Number(minute), 0, 0)
    return today > now ? today : new Date(now + 86_400_000).setHours(Number(hour), Number(minute), 0, 0)
  }
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new AppError('BAD_INPUT', `${option}: "${text}" is not a time`, 'Write for example +30m, 22:30 or 2026-05-01T22:30.')
  return at
}

/** The plan in a line, or nothing when there is none. */
export function planText({ retries, startAt, phases, maxFailures, maxDevices }: DeploymentPlan): string {
  const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
  return [
    startAt === null ? '' : `from ${time(startAt)}`,
    phases.length === 0
      ? ''
      : `phases ${phases.map(({ size, startAt: at }) => `${sizeText(size)}${at === null ? '' : ` from ${time(at)}`}`).join(', ')}`,
    retries === 0 ? '' : `retries ${retries}`,
    maxFailures === null ? '' : `stops after ${maxFailures} failures`,
    maxDevices === null ? '' : `at most ${maxDevices} devices`,
  ]
    .filter((part) => part !== '')
    .join('; ')
}

function sizeText(size: PhaseSize): string {
  if (size.kind === 'rest') return 'rest'
  return size.kind === 'percent' ? `${size.percent} %` : String(size.count)
}
