import type { Job } from '@contract/jobs.ts'
import { ListChecks } from 'lucide-react'
import { useState } from 'react'
import { Empty } from '../../ui/empty.tsx'
import { moment, span } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import { VirtualList } from '../../ui/virtual-list.tsx'
import styles from './activity.module.css'
import { JobInspector } from './job-inspector.tsx'
import { JobState } from './job-state.tsx'

const ROW_HEIGHT = 33

/** Long work: what runs, and what has ended. */
export function JobsTab({ jobs }: { jobs: readonly Job[] }) {
  const now = useNow()
  const [id, setId] = useState<string | null>(null)
  const selected = jobs.find((job) => job.id === id)
  if (jobs.length === 0)
    return (
      <Empty
        icon={ListChecks}
        title="No jobs yet"
        text="Whatever takes time is a job: adding an artifact, flashing a card, copying a file."
      />
    )
  return (
    <div className={styles.split}>
      <div className={styles.list}>
        <div className={styles.head} data-jobs aria-hidden>
          <span>Started</span>
          <span>Job</span>
          <span>Took</span>
          <span>State</span>
        </div>
        <div className={styles.rows}>
          <VirtualList
            label="Jobs"
            items={jobs}
            rowHeight={ROW_HEIGHT}
            keyOf={(job) => job.id}
            selectedKey={id}
            onSelect={(job) => setId(job.id)}
          >
            {(job) => (
              <div className={styles.row} data-jobs>
                <span className="figures">{moment(job.startedAt, now)}</span>
                <span className={styles.cut}>{job.title}</span>
                <span className="figures">{span((job.endedAt ?? now) - job.startedAt)}</span>
                <JobState job={job} />
              </div>
            )}
          </VirtualList>
        </div>
      </div>
      {selected !== undefined && <JobInspector key={selected.id} job={selected} onClose={() => setId(null)} />}
    </div>
  )
}
