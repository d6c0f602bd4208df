import type { DeploymentPlan, Phase, PhaseSize } from './deployments.ts'
import { AppError } from './errors.ts'

/** Phases by commas: `10%`, `3` or `rest`, each from when on: `10%@+2h`. BAD_INPUT names the field. */
export function readPhases(field: string, text: string, now: number): Phase[] {
  return text.split(',').map((part) => readPhase(field, part.trim(), now))
}

function readPhase(field: string, text: string, now: number): Phase {
  const [size = '', at] = text.split('@', 2)
  return { size: readSize(field, size.trim()), startAt: at === undefined ? null : readTime(field, at, now) }
}

function readSize(field: string, text: string): PhaseSize {
  if (text === 'rest') return { kind: 'rest' }
  const [, digits = '', sign] = /^(\d{1,9})\s*(%)?$/.exec(text) ?? []
  const value = Number(digits)
  if (value >= 1 && sign === undefined) return { kind: 'devices', count: value }
  if (value >= 1 && value <= 100) return { kind: 'percent', percent: value }
  throw new AppError(
    'BAD_INPUT',
    `${field}: "${text}" is not the size of a phase`,
    'Write for example 1,10%@+1h,rest: devices, or a share of them.',
  )
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `+30m` from now, `22:30` today or tomorrow, or a date with or without a time of day, as this machine's clock reads it. */
export function readTime(field: string, text: string, now: number): number {
  const [, count, unit] = /^\+(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined && unit !== undefined) return now + Number(count) * (UNIT_MS[unit] ?? 0)
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? []
  if (hour !== undefined && Number(hour) < 24 && Number(minute) < 60) {
    const today = new Date(now).setHours(Number(hour), Number(minute), 0, 0)
    return today > now ? today : new Date(now + 86_400_000).setHours(Number(hour), Number(minute), 0, 0)
  }
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at))
    throw new AppError('BAD_INPUT', `${field}: "${text}" is not a time`, 'Write for example +30m, 22:30 or 2026-05-01T22:30.')
  return at
}

/** The plan in a line, or nothing when there is none. */
export function planText({ retries, startAt, phases, maxFailures, maxDevices }: DeploymentPlan): string {
  return [
    startAt === null ? '' : `from ${timeText(startAt)}`,
    phases.length === 0
      ? ''
      : `phases ${phases.map(({ size, startAt: at }) => `${sizeText(size)}${at === null ? '' : ` from ${timeText(at)}`}`).join(', ')}`,
    retries === 0 ? '' : `retries ${retries}`,
    maxFailures === null ? '' : `stops after ${maxFailures} failures`,
    maxDevices === null ? '' : `at most ${maxDevices} devices`,
  ]
    .filter((part) => part !== '')
    .join('; ')
}

/** A point in time as people of any zone can read it. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

function sizeText(size: PhaseSize): string {
  if (size.kind === 'rest') return 'rest'
  return size.kind === 'percent' ? `${size.percent} %` : String(size.count)
}
