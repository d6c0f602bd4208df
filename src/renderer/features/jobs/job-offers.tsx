import { plural, t } from '@lingui/core/macro'
import { useState } from 'react'
import { useJobs } from '../../app/facts.tsx'
import { runningSentence } from '../../app/job-progress.ts'
import { useOffers } from '../../app/offers.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { Confirm } from '../../ui/confirm.tsx'

/** Offers what can be done with the job that has the focus, or is inspected, and with all that run. */
export function JobOffers() {
  const jobs = useJobs().value ?? []
  const { jobId, showJob } = useWindow()
  const [isAsking, setAsking] = useState(false)
  const cancel = useAction(async (engine, ids: readonly string[]) => {
    await Promise.all(ids.map((id) => engine.jobs.cancel({ id })))
  })
  const retry = useAction(
    (engine, id: string) => engine.jobs.retry({ id }),
    (answer) => showJob(answer.jobId),
  )
  const running = jobs.filter(({ state }) => state === 'running')
  useOffers((target) => {
    const all = running.length > 0 && {
      'job.stop-all': { run: () => setAsking(true), on: plural(running.length, { one: '# job', other: '# jobs' }) },
    }
    const here = target?.closest<HTMLElement>('[data-job]')?.dataset.job ?? jobId
    const job = jobs.find(({ id }) => id === here)
    if (job === undefined) return { ...all }
    return {
      ...all,
      'job.cancel': { run: () => cancel.run([job.id]), on: job.title, why: job.state === 'running' ? null : t`It has ended` },
      'job.retry': {
        run: () => retry.run(job.id),
        on: job.title,
        why: job.canRetry ? null : job.state === 'running' ? t`It still runs` : t`Start it anew where it was started`,
      },
    }
  })
  return (
    <Confirm
      title={t`Stop ${plural(running.length, { one: '# job', other: '# jobs' })}?`}
      action={t`Stop all`}
      isOpen={isAsking}
      onConfirm={() => cancel.run(running.map(({ id }) => id))}
      onClose={() => setAsking(false)}
    >
      <ul>
        {running.map((job) => (
          <li key={job.id}>{runningSentence(job)}</li>
        ))}
      </ul>
      {t`A drive that is half written can be finished later. Devices keep what they run.`}
    </Confirm>
  )
}
