import { t } from '@lingui/core/macro'
import type { BoardConsole } from '@contract/consoles.ts'
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { PathInput } from '../../app/path-input.tsx'
import { useAction } from '../../app/use-action.ts'
import styles from './console-dock.module.css'

interface SendFileProps {
  shown: BoardConsole
  isOpen: boolean
  onClose: () => void
}

/** Puts a file of this machine onto the board. */
export function SendFile({ shown, isOpen, onClose }: SendFileProps) {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t`Send a file to ${shown.place}`}
      size="md"
      closeButtonProps={{ 'aria-label': t`Close` }}
    >
      {isOpen && <Form shown={shown} onDone={onClose} />}
    </Modal>
  )
}

function Form({ shown, onDone }: { shown: BoardConsole; onDone: () => void }) {
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('/tmp/')
  const send = useAction((engine) => engine.consoles.sendFile({ id: shown.id, from, to }), onDone)
  function submit(event: FormEvent): void {
    event.preventDefault()
    send.run()
  }
  return (
    <form onSubmit={submit}>
      <PathInput label={t`File of this machine`} value={from} onChange={setFrom} />
      <TextInput
        mt="sm"
        label={t`To, on the board`}
        description={t`A file, or a folder with / at its end.`}
        required
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <p className={styles.hint}>
        {t`${
          shown.kind === 'serial'
            ? t`Over the console, in checked pieces: somebody has to be logged in at its shell. Of what goes over the line meanwhile, nothing is shown.`
            : t`By SFTP, or through the shell where there is none.`
        } Its checksum is compared at the end.`}
      </p>
      <Group justify="flex-end" mt="md">
        <Button type="submit" disabled={from === ''} loading={send.isBusy}>
          {t`Send`}
        </Button>
      </Group>
    </form>
  )
}
