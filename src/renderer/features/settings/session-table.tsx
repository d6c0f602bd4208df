import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { Moment } from '../../ui/moment.tsx'
import { Table } from '../../ui/table.tsx'
import { Section } from './section.tsx'
import styles from './settings.module.css'

/** The logins that have not ended, each of which can be ended. */
export function SessionTable() {
  const sessions = useLive('users.sessions', (engine, signal) => engine.users.sessions(undefined, { signal })).value
  const end = useAction((engine, id: string) => engine.users.endSession({ id }))
  if (sessions === null) return null
  return (
    <Section title={t`Sessions`} text={t`Logins that have not ended. An open page closes at once when its session is ended.`}>
      {sessions.length === 0 ? (
        <p className="dim">{t`Nobody is logged in.`}</p>
      ) : (
        <Table label={t`Sessions`} titles={[t`User`, t`Logged in`, t`Last used`, t`Ends`, null]}>
          {sessions.map((session) => (
            <tr key={session.id}>
              <td className={styles.name}>{session.isOwn ? t`${session.userName} (this one)` : session.userName}</td>
              <td>
                <Moment at={session.createdAt} />
              </td>
              <td>
                <Moment at={session.lastUsedAt} />
              </td>
              <td>
                <Moment at={session.expiresAt} />
              </td>
              <td className={styles.end}>
                <Button
                  size="compact-xs"
                  variant="default"
                  leftSection={<LogOut size={12} />}
                  aria-label={t`End the session of ${session.userName}`}
                  onClick={() => end.run(session.id)}
                >
                  {t`End`}
                </Button>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}
