import { t } from '@lingui/core/macro'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { type Failure, toAppError } from '@contract/errors.ts'
import { logIn } from './browser-session.ts'
import { useConnection } from './connection-context.tsx'
import styles from './login-page.module.css'

/** What a browser shows until somebody has logged in. */
export function LoginPage() {
  const connection = useConnection()
  const first = useRef<HTMLInputElement>(null)
  useEffect(() => {
    first.current?.focus()
  }, [])
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  async function enter(): Promise<void> {
    setBusy(true)
    setFailure(null)
    try {
      await logIn(name.trim(), password)
      await connection.restart()
    } catch (thrown) {
      setFailure(toAppError(thrown).toFailure())
      setPassword('')
    } finally {
      setBusy(false)
    }
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    void enter()
  }
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit} aria-label={t`Log in`}>
        <h1 className={styles.title}>{t`OTA Bench`}</h1>
        <p className={styles.where}>{window.location.host}</p>
        <TextInput
          label={t`User`}
          autoComplete="username"
          ref={first}
          spellCheck={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label={t`Password`}
          autoComplete="current-password"
          value={password}
          visibilityToggleButtonProps={{ 'aria-label': t`Show the password` }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        {failure !== null && (
          <p className={styles.failure} role="alert">
            {failure.message}
          </p>
        )}
        <Button type="submit" loading={isBusy} disabled={name.trim() === '' || password === ''} fullWidth mt={4}>
          {t`Log in`}
        </Button>
      </form>
    </main>
  )
}
