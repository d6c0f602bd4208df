import { Button } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { moment } from '../../ui/format.ts'
import { useNow } from '../../ui/use-now.ts'
import tables from '../../ui/table.module.css'
import { Section } from './section.tsx'
import styles from './settings.module.css'

/** The logins that have not ended, each of which can be ended. */
export function SessionTable() {
  const now = useNow()
  const sessions = useLive('users.sessions', (engine, signal) => engine.users.sessions(undefined, { signal })).value
  const end = useAction((engine, id: string) => engine.users.endSession({ id }))
  if (sessions === null) return null
  return (
    <Section title="Sessions" text="Logins that have not ended. An open page closes at once when its session is ended.">
      {sessions.length === 0 ? (
        <p className="dim">Nobody is logged in.</p>
      ) : (
        <table className={tables.table} aria-label="Sessions">
          <thead>
            <tr>
              <th>User</th>
              <th>Logged in</th>
              <th>Last used</th>
              <th>Ends</th>
              <th>
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id}>
                <td className={styles.name}>
                  {session.userName}
                  {session.isOwn && ' (this one)'}
                </td>
                <td>{moment(session.createdAt, now)}</td>
                <td>{session.lastUsedAt === null ? <span className="dim">never</span> : moment(session.lastUsedAt, now)}</td>
                <td>{moment(session.expiresAt, now)}</td>
                <td className={styles.end}>
                  <Button
                    size="compact-xs"
                    variant="default"
                    leftSection={<LogOut size={12} />}
                    aria-label={`End the session of ${session.userName}`}
                    onClick={() => end.run(session.id)}
                  >
                    End
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
