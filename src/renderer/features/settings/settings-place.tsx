import { t } from '@lingui/core/macro'
import { SETTINGS_TABS, useWindow } from '../../app/window-state.ts'
import { Place } from '../../ui/place.tsx'
import { TabbedPage } from '../../ui/tabbed-page.tsx'
import { AppearanceTab } from './appearance-tab.tsx'
import { CertificateTab } from './certificate-tab.tsx'
import { KeysTab } from './keys-tab.tsx'
import { ServerTab } from './server-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'
import { UsersTab } from './users-tab.tsx'
import { WebhooksTab } from './webhooks-tab.tsx'

/** How this bench is set: who reaches it, who is told, and how it looks. */
export function SettingsPlace() {
  const { settingsTab, showSettings } = useWindow()
  return (
    <Place title={t`Settings`}>
      <TabbedPage label={t`Settings`} tabs={SETTINGS_TABS} value={settingsTab} onChange={showSettings}>
        {settingsTab === 'server' && <ServerTab />}
        {settingsTab === 'tokens' && <TokensTab />}
        {settingsTab === 'webhooks' && <WebhooksTab />}
        {settingsTab === 'certificate' && <CertificateTab />}
        {settingsTab === 'users' && <UsersTab />}
        {settingsTab === 'appearance' && <AppearanceTab />}
        {settingsTab === 'keys' && <KeysTab />}
      </TabbedPage>
    </Place>
  )
}
