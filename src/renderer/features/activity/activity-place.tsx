import { useJobs } from '../../app/facts.tsx'
import { useWindow } from '../../app/window-state.ts'
import { plural } from '../../ui/format.ts'
import { Place } from '../../ui/place.tsx'
import { TabbedPage } from '../../ui/tabbed-page.tsx'
import { AuditTab } from './audit-tab.tsx'
import { JobsTab } from './jobs-tab.tsx'
import { RefusedTab } from './refused-tab.tsx'
import { SessionsTab } from './sessions-tab.tsx'

/** What was done here: who ordered what, and the work that came of it. */
export function ActivityPlace() {
  const { activityTab, showActivity } = useWindow()
  const jobs = useJobs().value ?? []
  const running = jobs.filter(({ state }) => state === 'running').length
  return (
    <Place title="Activity" summary={running > 0 && `${plural(running, 'job')} running`}>
      <TabbedPage
        label="What was done"
        tabs={[
          ['audit', 'Audit log'],
          ['jobs', `Jobs (${jobs.length})`],
          ['refused', 'Refused devices'],
          ['sessions', 'Sessions'],
        ]}
        value={activityTab}
        onChange={showActivity}
      >
        {activityTab === 'audit' && <AuditTab />}
        {activityTab === 'jobs' && <JobsTab jobs={jobs} />}
        {activityTab === 'refused' && <RefusedTab />}
        {activityTab === 'sessions' && <SessionsTab />}
      </TabbedPage>
    </Place>
  )
}
