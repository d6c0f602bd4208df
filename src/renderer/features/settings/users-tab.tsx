import { t } from '@lingui/core/macro'
import { type UserRole, userRole } from '@contract/roles.ts'
import { ROLE_WORDS } from '../../app/rule-words.ts'
import { ADMIN, type User } from '@contract/users.ts'
import { Button, Select } from '@mantine/core'
import { KeyRound, Trash2, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useAccount } from '../../app/facts.tsx'
import { useRefusal } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { useLive } from '../../app/use-live.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Moment } from '../../ui/moment.tsx'
import { Table } from '../../ui/table.tsx'
import { NewUser } from './new-user.tsx'
import { OwnPassword, UserPassword } from './passwords.tsx'
import { Section } from './section.tsx'
import { SessionTable } from './session-table.tsx'
import styles from './settings.module.css'

/** Who logs in, and what each may do; and the own password. */
export function UsersTab() {
  const account = useAccount().value
  const why = useRefusal('users')
  return (
    <div className={styles.wide}>
      {account !== null && account.name !== null && (
        <Section title={account.name} text={t`You are logged in as ${account.role}, who ${ROLE_WORDS[account.role]}.`}>
          <OwnPassword />
        </Section>
      )}
      {why === null ? <Users /> : <p className="dim">{t`Users and sessions: ${why}`}</p>}
    </div>
  )
}

function Users() {
  const users = useLive('users.list', (engine, signal) => engine.users.list(undefined, { signal })).value
  const [isMaking, setMaking] = useState(false)
  if (users === null) return null
  return (
    <>
      <Section
        title={t`Users`}
        text={t`Who logs in: to the page that serve --ui shows in a browser, with mender-cli, and to the management API. Nobody has to in this app.`}
      >
        <UserTable users={users} />
        <div className={styles.buttons}>
          <Button leftSection={<UserPlus size={13} />} onClick={() => setMaking(true)}>
            {t`Add user…`}
          </Button>
        </div>
      </Section>
      <SessionTable />
      <NewUser isOpen={isMaking} onClose={() => setMaking(false)} />
    </>
  )
}

const ROLES = userRole.options.map((role) => ({ value: role, label: role }))
function UserTable({ users }: { users: readonly User[] }) {
  const [removing, setRemoving] = useState<User | null>(null)
  const [changing, setChanging] = useState<User | null>(null)
  const remove = useAction((engine, id: string) => engine.users.remove({ id }))
  return (
    <>
      <Table label={t`Users`} titles={[t`Name`, t`Role`, t`Last login`, t`Sessions`, null]}>
        {users.map((user) => (
          <UserRow key={user.id} user={user} onPassword={() => setChanging(user)} onRemove={() => setRemoving(user)} />
        ))}
      </Table>
      <UserPassword user={changing} onClose={() => setChanging(null)} />
      <Confirm
        title={t`Remove ${removing?.name ?? ''}?`}
        action={t`Remove`}
        isOpen={removing !== null}
        onConfirm={() => removing !== null && remove.run(removing.id)}
        onClose={() => setRemoving(null)}
      >
        {t`The sessions and access tokens of ${removing?.name ?? ''} end now. What was done stays in the audit log under that name.`}
      </Confirm>
    </>
  )
}

interface UserRowProps {
  user: User
  onPassword: () => void
  onRemove: () => void
}

function UserRow({ user, onPassword, onRemove }: UserRowProps) {
  const setRole = useAction((engine, role: UserRole) => engine.users.setRole({ id: user.id, role }))
  const isFirst = user.name === ADMIN
  return (
    <tr>
      <td className={styles.name}>{user.name}</td>
      <td>
        <Select
          size="xs"
          w={124}
          aria-label={t`Role of ${user.name}`}
          title={ROLE_WORDS[user.role]}
          data={ROLES}
          allowDeselect={false}
          disabled={isFirst}
          value={user.role}
          onChange={(role) => setRole.run(userRole.parse(role))}
        />
      </td>
      <td>
        <Moment at={user.lastLoginAt} />
      </td>
      <td>{user.sessionCount}</td>
      <td className={styles.end}>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<KeyRound size={12} />}
          aria-label={t`New password for ${user.name}`}
          onClick={onPassword}
        >
          {t`Password…`}
        </Button>{' '}
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<Trash2 size={12} />}
          aria-label={t`Remove ${user.name}`}
          disabled={isFirst}
          title={isFirst ? t`The first user stays, so that somebody may everything` : ''}
          onClick={onRemove}
        >
          {t`Remove…`}
        </Button>
      </td>
    </tr>
  )
}
