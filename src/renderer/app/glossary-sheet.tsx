import { Modal, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { TERMS } from '@contract/glossary.ts'
import styles from './glossary-sheet.module.css'
import { useWindow } from './window-state.ts'

/** What the words mean. */
export function GlossarySheet() {
  const { sheet, showSheet } = useWindow()
  const close = (): void => showSheet(null)
  return (
    <Modal opened={sheet === 'glossary'} onClose={close} title="Glossary" size={640} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Terms />
    </Modal>
  )
}

function Terms() {
  const [text, setText] = useState('')
  const part = text.trim().toLowerCase()
  // A word of elsewhere finds ours.
  const found = TERMS.filter(({ name, means, never = [] }) => [name, means, ...never].some((each) => each.toLowerCase().includes(part)))
  return (
    <>
      <TextInput
        data-autofocus
        aria-label="Search the glossary"
        placeholder="A word"
        leftSection={<Search size={15} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <dl className={styles.terms}>
        {found.map(({ name, means }) => (
          <div key={name} className={styles.term}>
            <dt>{name}</dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
      {found.length === 0 && <p className="dim">No word of the bench holds “{text}”.</p>}
    </>
  )
}
