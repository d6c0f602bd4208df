import { plural, t } from '@lingui/core/macro'
import type { Job } from '@contract/jobs.ts'
import { Button, TextInput } from '@mantine/core'
import { ListChecks, OctagonX, Search } from 'lucide-react'
import { useState } from 'react'
import { useJobs } from '../../app/facts.tsx'
import { perform } from '../../app/offers.ts'
import { useWindow } from '../../app/window-state.ts'
import { Empty } from '../../ui/empty.tsx'
import { span } from '../../ui/format.ts'
import { Place } from '../../ui/place.tsx'
import { Cut, RowList } from '../../ui/row-list.tsx'
import { useNow } from '../../ui/use-now.ts'
import { Moment } from '../../ui/moment.tsx'
import styles from './jobs.module.css'
import { JobInspector } from './job-inspector.tsx'
import { JobState } from './job-state.tsx'
import { RunningJobs } from './running-jobs.tsx'

/** Long work: what runs, and what has ended. */
export function JobsPlace() {
  const jobs = useJobs().value ?? []
  const [query, setQuery] = useState('')
  const { jobId, selectJob } = useWindow()
  const running = jobs.filter(({ state }) => state === 'running')
  const ended = jobs.filter((job) => job.state !== 'running' && fits(job, query))
  const selected = jobs.find(({ id }) => id === jobId)
  return (
    <Place
      title={t`Jobs`}
      summary={jobs.length > 0 && t`${plural(jobs.length, { one: '# job', other: '# jobs' })}, ${running.length} running`}
      actions={
        jobs.length > 0 && (
          <>
            <TextInput
              type="search"
              aria-label={t`Filter jobs`}
              placeholder={t`Filter by title, kind, state, error`}
              w={248}
              leftSection={<Search size={13} aria-hidden />}
              value={query}
              onChange={(event) => setQuery(event.currentTarget.value)}
            />
            <Button
              variant="default"
              leftSection={<OctagonX size={13} />}
              disabled={running.length === 0}
              onClick={() => perform('job.stop-all', null)}
            >
              {t`Stop all…`}
            </Button>
          </>
        )
      }
      aside={selected !== undefined && <JobInspector key={selected.id} job={selected} onClose={() => selectJob(null)} />}
    >
      {jobs.length === 0 ? (
        <Empty
          icon={ListChecks}
          title={t`No jobs yet`}
          text={t`Whatever takes time is a job: adding an artifact, flashing a card, copying a file.`}
        />
      ) : (
        <div className={styles.list} data-keys="jobs">
          {running.length > 0 && <RunningJobs jobs={running} />}
          {ended.length > 0 && <EndedJobs jobs={ended} />}
          {running.length + ended.length === 0 && <Empty icon={ListChecks} title={t`Nothing fits`} text={t`Filter by another word.`} />}
        </div>
      )}
    </Place>
  )
}

function EndedJobs({ jobs }: { jobs: readonly Job[] }) {
  const now = useNow()
  const { jobId, selectJob } = useWindow()
  return (
    <RowList
      label={t`Jobs`}
      columns={styles.columns}
      head={
        <>
          <span>{t`Started`}</span>
          <span>{t`Job`}</span>
          <span>{t`Took`}</span>
          <span>{t`State`}</span>
        </>
      }
      items={jobs}
      keyOf={(job) => job.id}
      selectedKey={jobId}
      onSelect={(job) => selectJob(job.id)}
    >
      {(job) => (
        <>
          <Moment className="figures" at={job.startedAt} />
          <Cut>{job.title}</Cut>
          <span className="figures">{span((job.endedAt ?? now) - job.startedAt)}</span>
          <JobState job={job} />
        </>
      )}
    </RowList>
  )
}

function fits({ title, kind, state, failure }: Job, query: string): boolean {
  const text = [title, kind, state, failure?.code, failure?.message].join(' ').toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
