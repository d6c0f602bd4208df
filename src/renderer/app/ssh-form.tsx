import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useEffect, useRef } from 'react'
import type { Engine } from './connection.ts'
import { SshFields } from './ssh-fields.tsx'
import styles from './ssh-fields.module.css'
import { hopsOf, isWhole, type SshLogin } from './ssh-login.ts'
import { useAction } from './use-action.ts'
import { Problem, useOpening } from './use-opening.tsx'

interface SshFormProps {
  label: string
  login: SshLogin
  onChange: (login: SshLogin) => void
  /** What is opened once one is logged in. */
  open: (engine: Engine, hops: ReturnType<typeof hopsOf>) => Promise<{ id: string }>
  onOpened: (id: string) => void
  /** What stands above the fields. */
  children: ReactNode
}

/** Logs in to a board over SSH. A password is forgotten as soon as it was sent. */
export function SshForm({ label, login, onChange, open, onOpened, children }: SshFormProps) {
  const opening = useOpening(onOpened)
  const place = login.port === '22' ? login.host : `[${login.host}]:${login.port}`
  const forgetKey = useAction((engine) => engine.provision.forgetHost({ place }), opening.forget)
  const form = useRef<HTMLFormElement>(null)
  // What is wrong, and what can be done about it, stands below: in consoles that are low it would be out of sight.
  useEffect(() => {
    if (opening.failure !== null) form.current?.lastElementChild?.scrollIntoView({ block: 'nearest' })
  }, [opening.failure])
  function submit(event: FormEvent): void {
    event.preventDefault()
    const hops = hopsOf(login)
    opening.open((engine) => open(engine, hops))
    onChange({ ...login, password: '' })
  }
  return (
    <form ref={form} className={styles.form} onSubmit={submit} aria-label={label} autoComplete="off">
      {children}
      <SshFields login={login} onChange={onChange} />
      <Button className={styles.go} type="submit" disabled={!isWhole(login)} loading={opening.isBusy}>
        {t`Log in`}
      </Button>
      <Problem failure={opening.failure} />
      {opening.failure?.code === 'HOST_KEY_CHANGED' && (
        <Button variant="default" color="red" loading={forgetKey.isBusy} onClick={() => forgetKey.run()}>
          {t`The board was installed anew: forget its old key`}
        </Button>
      )}
    </form>
  )
}
