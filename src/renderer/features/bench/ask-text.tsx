import { t } from '@lingui/core/macro'
import { Button, Group, Modal, TextInput } from '@mantine/core'
import type { FormEvent } from 'react'

interface AskTextProps {
  title: string
  label: string
  initial: string
  isOpen: boolean
  onClose: () => void
  onSave: (text: string) => void
}

/** Asks for a line of text. */
export function AskText({ title, label, initial, isOpen, onClose, onSave }: AskTextProps) {
  function save(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const text = new FormData(event.currentTarget).get('text')
    onClose()
    if (typeof text === 'string') onSave(text.trim())
  }
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} withCloseButton={false} size="sm">
      <form onSubmit={save}>
        <TextInput name="text" label={label} defaultValue={initial} data-autofocus />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t`Cancel`}
          </Button>
          <Button type="submit">{t`Save`}</Button>
        </Group>
      </form>
    </Modal>
  )
}

interface GroupDialogProps {
  /** Whose group it is, in the title. */
  of: string
  initial: string
  isOpen: boolean
  onClose: () => void
  /** null: of none. */
  onSave: (group: string | null) => void
}

/** Asks for the group of one device or several. */
export function GroupDialog({ of, initial, isOpen, onClose, onSave }: GroupDialogProps) {
  return (
    <AskText
      title={t`Group of ${of}`}
      label={t`Letters, digits, - and _; empty for none`}
      initial={initial}
      isOpen={isOpen}
      onClose={onClose}
      onSave={(group) => onSave(group === '' ? null : group)}
    />
  )
}
