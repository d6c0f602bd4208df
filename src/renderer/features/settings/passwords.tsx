import { t } from '@lingui/core/macro'
import { MIN_PASSWORD, type User } from '@contract/users.ts'
import { Button, Group, Modal, PasswordInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import styles from './settings.module.css'

const SHOW = { 'aria-label': t`Show the password` }

/** A password that somebody chooses. */
export function NewPasswordInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  return (
    <PasswordInput
      label={t`New password`}
      description={t`At least ${MIN_PASSWORD} characters`}
      autoComplete="new-password"
      visibilityToggleButtonProps={SHOW}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export const isLongEnough = (password: string): boolean => password.length >= MIN_PASSWORD

/** Gives somebody a new password. */
export function UserPassword({ user, onClose }: { user: User | null; onClose: () => void }) {
  const [password, setPassword] = useState('')
  function close(): void {
    setPassword('')
    onClose()
  }
  const set = useAction((engine) => engine.users.setPassword({ id: user?.id ?? '', password }), close)
  function submit(event: FormEvent): void {
    event.preventDefault()
    set.run()
  }
  return (
    <Modal
      opened={user !== null}
      onClose={close}
      title={t`New password for ${user?.name ?? ''}`}
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      <form className={styles.form} onSubmit={submit}>
        <NewPasswordInput value={password} onChange={setPassword} />
        <p className="dim">{t`The sessions of ${user?.name ?? ''} end; access tokens stay.`}</p>
        <Group justify="flex-end">
          <Button type="submit" disabled={!isLongEnough(password)} loading={set.isBusy}>
            {t`Set password`}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}

/** Changes the password of who is logged in, who then logs in again. */
export function OwnPassword() {
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const set = useAction(
    (engine) => engine.account.setPassword({ currentPassword: current, password }),
    () => notifications.show({ title: t`The password is changed`, message: t`Log in with the new one.`, withBorder: true }),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    set.run()
  }
  return (
    <form className={styles.password} onSubmit={submit}>
      <PasswordInput
        label={t`Current password`}
        description={t`Every session of yours ends`}
        autoComplete="current-password"
        visibilityToggleButtonProps={SHOW}
        value={current}
        onChange={(event) => setCurrent(event.currentTarget.value)}
      />
      <NewPasswordInput value={password} onChange={setPassword} />
      <Button type="submit" variant="default" disabled={current === '' || !isLongEnough(password)} loading={set.isBusy}>
        {t`Change password`}
      </Button>
    </form>
  )
}
