import { t } from '@lingui/core/macro'
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'

interface ConfirmProps {
  title: string
  /** What will happen, to whom. */
  children: ReactNode
  /** The verb on the button. */
  action: string
  isOpen: boolean
  /** What has to be typed first: the name of what cannot be had back. */
  mustType?: string | undefined
  onConfirm: () => void
  onClose: () => void
}

/** Asks before something that cannot be taken back; the focus starts on Cancel, or where the name is to be typed. */
export function Confirm({ title, isOpen, onClose, ...rest }: ConfirmProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} withCloseButton={false} size="md">
      <Question {...rest} onClose={onClose} />
    </Modal>
  )
}

function Question({ children, action, mustType, onConfirm, onClose }: Omit<ConfirmProps, 'title' | 'isOpen'>) {
  const [typed, setTyped] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    onClose()
    onConfirm()
  }
  return (
    <form onSubmit={submit}>
      {children}
      {mustType !== undefined && (
        <TextInput
          mt="md"
          label={t`Type ${mustType} to confirm`}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      )}
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" data-autofocus={mustType === undefined || undefined} onClick={onClose}>
          {t`Cancel`}
        </Button>
        <Button type="submit" color="red" disabled={mustType !== undefined && typed !== mustType}>
          {action}
        </Button>
      </Group>
    </form>
  )
}
