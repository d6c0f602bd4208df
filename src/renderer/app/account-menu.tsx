import { t } from '@lingui/core/macro'
import { Menu } from '@mantine/core'
import { LogOut, UserRound } from 'lucide-react'
import { ROLE_WORDS } from './rule-words.ts'
import { logOut } from './browser-session.ts'
import { useAccount } from './facts.tsx'
import styles from './status-bar.module.css'
import { useWindow } from './window-state.ts'

/** Who is logged in here; nobody has to in the app. */
export function AccountMenu() {
  const account = useAccount().value
  const showSettings = useWindow((state) => state.showSettings)
  if (account === null || account.name === null) return null
  return (
    <Menu position="top-start" withArrow>
      <Menu.Target>
        <button type="button" className={styles.button} title={t`A ${account.role} ${ROLE_WORDS[account.role]}`}>
          <UserRound size={13} aria-hidden /> {account.name}, {account.role}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<UserRound size={13} />} onClick={() => showSettings('users')}>
          {t`Password…`}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={13} />} onClick={() => void logOut()}>
          {t`Log out`}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
