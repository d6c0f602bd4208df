import { t } from '@lingui/core/macro'
import { Checkbox, TextInput } from '@mantine/core'
import styles from './ssh-fields.module.css'
import { isJump, type SshLogin } from './ssh-login.ts'

interface SshFieldsProps {
  login: SshLogin
  onChange: (login: SshLogin) => void
}

/** With another one of these, it is another host. */
const ELSEWHERE: ReadonlySet<string> = new Set(['host', 'port', 'jump'])

/** Asks how to log in to a board over SSH. */
export function SshFields({ login, onChange }: SshFieldsProps) {
  const field = (name: 'host' | 'port' | 'user' | 'password' | 'keyPath' | 'jump') => ({
    value: login[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      onChange({ ...login, ...(ELSEWHERE.has(name) && { hostKey: '' }), [name]: event.currentTarget.value }),
  })
  return (
    <div className={styles.all}>
      <div className={styles.fields}>
        <TextInput label={t`Host`} placeholder="192.168.7.21" className={styles.wide} required {...field('host')} />
        <TextInput label={t`TCP port`} w={72} required pattern="\d{1,5}" {...field('port')} />
        <TextInput label={t`User`} w={104} required {...field('user')} />
      </div>
      <div className={styles.fields}>
        <TextInput label={t`Password`} type="password" placeholder={t`kept nowhere`} className={styles.wide} {...field('password')} />
        <TextInput label={t`Key file`} placeholder={t`none`} className={styles.wide} {...field('keyPath')} />
        <TextInput
          label={t`Jump host`}
          placeholder="user@host"
          className={styles.wide}
          error={isJump(login.jump) ? null : t`Write user@host:port`}
          {...field('jump')}
        />
      </div>
      <Checkbox
        size="xs"
        label={t`Also my own keys and ssh-agent`}
        checked={login.hasUsualKeys}
        onChange={(event) => onChange({ ...login, hasUsualKeys: event.currentTarget.checked })}
      />
    </div>
  )
}
