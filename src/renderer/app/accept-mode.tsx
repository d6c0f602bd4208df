import { t } from '@lingui/core/macro'
import { parseAcceptMode } from '@contract/accept-mode.ts'
import { acceptedNow } from './rule-words.ts'
import { AppError } from '@contract/errors.ts'
import { Button, Menu, Modal, TextInput } from '@mantine/core'
import { UserCheck, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useNow } from '../ui/use-now.ts'
import { useServer } from './facts.tsx'
import styles from './status-bar.module.css'
import { useAction } from './use-action.ts'

/** Which new devices come in by themselves, and how to change it. */
export function AcceptMode() {
  const now = useNow()
  const mode = useServer().value?.acceptMode ?? 'none'
  const [isRule, setRule] = useState(false)
  const set = useAction((engine, text: string) => engine.server.setAcceptMode({ acceptMode: parseAcceptMode(text, now) }))
  const text = acceptedNow(mode, now)
  return (
    <>
      <Menu position="top-start">
        <Menu.Target>
          <button type="button" className={styles.button}>
            {text === acceptedNow('none', now) ? <UserCheck size={13} aria-hidden /> : <UserPlus size={13} aria-hidden />}
            {text}
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t`When a new device asks to join`}</Menu.Label>
          <Menu.Item onClick={() => set.run('none')}>{t`It waits until you accept it`}</Menu.Item>
          <Menu.Item onClick={() => set.run('15m')}>{t`It is accepted, for the next 15 minutes`}</Menu.Item>
          <Menu.Item onClick={() => setRule(true)}>{t`It is accepted by network or identity…`}</Menu.Item>
          <Menu.Item onClick={() => set.run('all')}>{t`It is accepted at once (a lab of your own)`}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={isRule}
        onClose={() => setRule(false)}
        title={t`Accept by network or identity`}
        closeButtonProps={{ 'aria-label': t`Close` }}
      >
        <AcceptRule
          onSet={(rule) => {
            setRule(false)
            set.run(rule)
          }}
        />
      </Modal>
    </>
  )
}

/** Asks for the network or the identity of those who come in by themselves. */
export function AcceptRule({ onSet }: { onSet: (text: string) => void }) {
  const [text, setText] = useState('')
  const problem = problemOf(text)
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (problem === null) onSet(text.trim())
      }}
    >
      <TextInput
        data-autofocus
        label={t`Network or identity`}
        description={t`192.168.7.0/24, or an identity as mac=02:* with * for anything`}
        value={text}
        error={text === '' ? null : problem}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button mt="md" type="submit" disabled={problem !== null}>
        {t`Accept these`}
      </Button>
    </form>
  )
}

function problemOf(text: string): string | null {
  try {
    parseAcceptMode(text.trim(), 0)
    return null
  } catch (thrown) {
    return thrown instanceof AppError ? thrown.message : String(thrown)
  }
}
