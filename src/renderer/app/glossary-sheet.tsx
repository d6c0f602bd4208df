import { t } from '@lingui/core/macro'
import { Modal, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { TERMS } from '@contract/glossary.ts'
import { meaningOf } from '../ui/meaning.ts'
import styles from './glossary-sheet.module.css'
import { useWindow } from './window-state.ts'

/** What the words mean. */
export function GlossarySheet() {
  const { sheet, showSheet } = useWindow()
  const close = (): void => showSheet(null)
  return (
    <Modal opened={sheet === 'glossary'} onClose={close} title={t`Glossary`} size={640} closeButtonProps={{ 'aria-label': t`Close` }}>
      <Terms />
    </Modal>
  )
}

function Terms() {
  const [text, setText] = useState('')
  const part = text.trim().toLowerCase()
  // A word of elsewhere finds ours.
  const found = TERMS.filter(({ name, never = [] }) => [name, meaningOf(name), ...never].some((each) => each.toLowerCase().includes(part)))
  return (
    <>
      <TextInput
        data-autofocus
        aria-label={t`Search the glossary`}
        placeholder={t`A word`}
        leftSection={<Search size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <dl className={styles.terms} tabIndex={0} aria-label={t`Words`}>
        {found.map(({ name }) => (
          <div key={name} className={styles.term}>
            <dt>{name}</dt>
            <dd>{meaningOf(name)}</dd>
          </div>
        ))}
      </dl>
      {found.length === 0 && <p className="dim">{t`No word of the bench holds “${text}”.`}</p>}
    </>
  )
}
