import { t } from '@lingui/core/macro'
import { useWindow } from '../../app/window-state.ts'
import { Place } from '../../ui/place.tsx'
import { TabbedPage } from '../../ui/tabbed-page.tsx'
import { AuditTab } from './audit-tab.tsx'
import { RefusedTab } from './refused-tab.tsx'
import { SessionsTab } from './sessions-tab.tsx'

/** What was done here: who ordered what, who was turned away, and what was typed. */
export function ActivityPlace() {
  const { activityTab, showActivity } = useWindow()
  return (
    <Place title={t`Activity`}>
      <TabbedPage
        label={t`What was done`}
        tabs={[
          ['audit', t`Audit log`],
          ['refused', t`Refused devices`],
          ['sessions', t`Sessions`],
        ]}
        value={activityTab}
        onChange={showActivity}
      >
        {activityTab === 'audit' && <AuditTab />}
        {activityTab === 'refused' && <RefusedTab />}
        {activityTab === 'sessions' && <SessionsTab />}
      </TabbedPage>
    </Place>
  )
}
