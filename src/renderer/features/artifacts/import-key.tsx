import { Button, FileButton, Group, Modal, Textarea, TextInput } from '@mantine/core'
import { FileKey2, Import } from 'lucide-react'
import { useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import styles from './artifacts.module.css'

/** A key from elsewhere: its public half to verify with, or both to sign with. */
export function ImportKey() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button variant="default" leftSection={<Import size={13} />} onClick={() => setOpen(true)}>
        Import…
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Import a key" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
        <ImportForm onDone={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function ImportForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [pem, setPem] = useState('')
  const add = useAction((engine) => engine.keys.import({ name, pem }), onDone)
  const read = useAction(async (_engine, file: File) => setPem(await file.text()))
  const isPrivate = pem.includes('PRIVATE KEY')
  return (
    <form
      className={styles.import}
      onSubmit={(event) => {
        event.preventDefault()
        add.run()
      }}
    >
      <TextInput
        label="Name of the key"
        placeholder="release-2026"
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Textarea
        label="PEM"
        rows={8}
        placeholder="-----BEGIN PUBLIC KEY-----"
        value={pem}
        spellCheck={false}
        classNames={{ input: styles.pem }}
        onChange={(event) => setPem(event.currentTarget.value)}
      />
      {isPrivate && (
        <output className={styles.warning}>
          This is a private key. Who has it can sign for your devices. A copy stays in the data folder, readable by you alone.
        </output>
      )}
      <Group justify="space-between">
        <FileButton accept=".pem,.key,.pub,.crt" onChange={(file) => file !== null && read.run(file)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileKey2 size={13} />}>
              From a file…
            </Button>
          )}
        </FileButton>
        <Button type="submit" disabled={!/^[\w.-]{1,64}$/.test(name) || !pem.includes('-----BEGIN')} loading={add.isBusy}>
          {isPrivate ? 'Import the private key' : 'Import'}
        </Button>
      </Group>
    </form>
  )
}
