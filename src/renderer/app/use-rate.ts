import type { Job } from '@contract/jobs.ts'
import { useState } from 'react'
import { useNow } from '../ui/use-now.ts'
import { rateOf, type Sample, sampled } from './job-progress.ts'

interface Rate {
  /** What is done in a second; null while too little was seen. */
  perSecond: number | null
  leftMs: number | null
}

/** How fast a job is while it is looked at, and when its step would end at that. */
export function useRate({ progress, step }: Pick<Job, 'progress' | 'step'>): Rate {
  const now = useNow()
  const done = progress?.done ?? 0
  const [seen, setSeen] = useState<{ step: number; at: number; samples: readonly Sample[] }>({ step, at: 0, samples: [] })
  // Once a second, with the clock: a rate that flickers says nothing.
  if (seen.at !== now || seen.step !== step)
    setSeen({ step, at: now, samples: sampled(seen.step === step ? seen.samples : [], { at: now, done }) })
  const perSecond = rateOf(seen.samples)
  const left = progress?.total ? progress.total - done : null
  return { perSecond, leftMs: left === null || perSecond === null || perSecond <= 0 ? null : (left / perSecond) * 1000 }
}
