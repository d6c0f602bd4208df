import { t } from '@lingui/core/macro'
import type { Job } from '@contract/jobs.ts'
import { percent } from '../ui/format.ts'

/** How far a job has come, 0 to 1, all of its steps taken to be as long as each other. */
export function shareOf({ steps, step, progress, state }: Pick<Job, 'steps' | 'step' | 'progress' | 'state'>): number {
  if (state === 'done' || steps.length === 0) return 1
  const part = progress?.total ? Math.min(1, progress.done / progress.total) : 0
  return Math.min(1, (step + part) / steps.length)
}

/** One sentence on a job that runs: what quitting would stop. */
export function runningSentence({ title, steps, step, progress }: Job): string {
  const share = progress?.total ? `, ${percent(progress.done, progress.total)} %` : ''
  return `${title}: ${(steps[step] ?? t`under way`).toLowerCase()}${share}`
}

/** How much was done when. */
export interface Sample {
  at: number
  done: number
}

const WINDOW_MS = 10_000
const LEAST_MS = 1000

/** The samples with a new one: those of the last ten seconds; afresh when the work began a new step. */
export function sampled(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1)
  if (last === undefined || next.done < last.done) return [next]
  return [...samples.filter(({ at }) => at > next.at - WINDOW_MS), next]
}

/** What is done in a second; null while too little was seen of it. */
export function rateOf(samples: readonly Sample[]): number | null {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return null
  return ((last.done - first.done) * 1000) / (last.at - first.at)
}
