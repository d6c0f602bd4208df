import { ListChecks } from 'lucide-react'
import { useJobs } from '../../app/facts.tsx'
import { useWindow } from '../../app/window-state.ts'
import { Empty } from '../../ui/empty.tsx'
import { moment, plural, span } from '../../ui/format.ts'
import { Place } from '../../ui/place.tsx'
import { useNow } from '../../ui/use-now.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import styles from './jobs.module.css'
import { JobInspector } from './job-inspector.tsx'
import { JobState } from './job-state.tsx'

const ROW_HEIGHT = 33

/** Long work: what runs, and what has ended. */
export function JobsPlace() {
  const now = useNow()
  const jobs = useJobs().value ?? []
  const { jobId, selectJob } = useWindow()
  const running = jobs.filter(({ state }) => state === 'running').length
  const selected = jobs.find(({ id }) => id === jobId)
  return (
    <Place
      title="Jobs"
      summary={jobs.length > 0 && `${plural(jobs.length, 'job')}, ${running} running`}
      aside={selected !== undefined && <JobInspector key={selected.id} job={selected} onClose={() => selectJob(null)} />}
    >
      {jobs.length === 0 ? (
        <Empty
          icon={ListChecks}
          title="No jobs yet"
          text="Whatever takes time is a job: adding an artifact, flashing a card, copying a file."
        />
      ) : (
        <div className={styles.list}>
          <div className={styles.head} aria-hidden>
            <span>Started</span>
            <span>Job</span>
            <span>Took</span>
            <span>State</span>
          </div>
          <div className={styles.rows} data-keys="jobs">
            <VirtualList
              label="Jobs"
              items={jobs}
              rowHeight={ROW_HEIGHT}
              keyOf={(job) => job.id}
              selectedKey={jobId}
              onSelect={(job) => selectJob(job.id)}
            >
              {(job) => (
                <div className={styles.row}>
                  <span className="figures">{moment(job.startedAt, now)}</span>
                  <span className={styles.cut}>{job.title}</span>
                  <span className="figures">{span((job.endedAt ?? now) - job.startedAt)}</span>
                  <JobState job={job} />
                </div>
              )}
            </VirtualList>
          </div>
        </div>
      )}
    </Place>
  )
}
