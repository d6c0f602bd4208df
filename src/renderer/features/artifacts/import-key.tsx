import { t } from '@lingui/core/macro'
import { Button, FileButton, Group, Modal, PasswordInput, Textarea } from '@mantine/core'
import { FileKey2 } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { useFileDrop } from '../../ui/file-drop.ts'
import { isKeyName, KeyNameField } from './key-name-field.tsx'
import styles from './keys.module.css'

interface DialogProps {
  isOpen: boolean
  onClose: () => void
}

/** A key from elsewhere: its public half to verify with, or both to sign with. */
export function ImportKey({ isOpen, onClose }: DialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={t`Import a key`} size="lg" closeButtonProps={{ 'aria-label': t`Close` }}>
      <ImportForm onDone={onClose} />
    </Modal>
  )
}

function ImportForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [pem, setPem] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const isPrivate = pem.includes('PRIVATE KEY')
  const isEncrypted = isPrivate && pem.includes('ENCRYPTED')
  const add = useAction((engine) => engine.keys.import({ name, pem, ...(isEncrypted && { passphrase }) }), onDone)
  const read = useAction(async (_engine, file: File) => {
    setPem(await file.text())
    if (name === '') setName(file.name.replace(/\.(pem|key|pub|crt)$/i, '').replaceAll(/[^\w.-]/g, '-'))
  })
  const drop = useFileDrop(([file]) => file !== undefined && read.run(file))
  const isReady = isKeyName(name) && pem.includes('-----BEGIN') && (!isEncrypted || passphrase !== '')
  function submit(event: FormEvent): void {
    event.preventDefault()
    add.run()
  }
  return (
    <form className={styles.form} data-over={drop.isOver} {...drop.handlers} onSubmit={submit}>
      <KeyNameField value={name} onChange={setName} />
      <Textarea
        label={t`PEM`}
        rows={7}
        placeholder={t`-----BEGIN PUBLIC KEY-----`}
        value={pem}
        spellCheck={false}
        classNames={{ input: styles.pem }}
        onChange={(event) => setPem(event.currentTarget.value)}
      />
      {isEncrypted && (
        <PasswordInput
          size="xs"
          label={t`Passphrase of the key`}
          description={t`Opens the key now, and is kept nowhere.`}
          value={passphrase}
          autoComplete="off"
          onChange={(event) => setPassphrase(event.currentTarget.value)}
        />
      )}
      {isPrivate && <output className={styles.warning}>{keptWords(isEncrypted)}</output>}
      <Group justify="space-between">
        <FileButton accept=".pem,.key,.pub,.crt" onChange={(file) => file !== null && read.run(file)}>
          {(props) => (
            <Button {...props} variant="default" leftSection={<FileKey2 size={13} />}>
              {t`From a file…`}
            </Button>
          )}
        </FileButton>
        <Button type="submit" disabled={!isReady} loading={add.isBusy}>
          {isPrivate ? t`Import the private key` : t`Import`}
        </Button>
      </Group>
    </form>
  )
}

function keptWords(isEncrypted: boolean): string {
  return isEncrypted
    ? t`This is a private key: who has it can sign for your devices. A copy stays in the data folder, protected as the Keys tab says, no longer by its passphrase.`
    : t`This is a private key: who has it can sign for your devices. A copy stays in the data folder, protected as the Keys tab says.`
}
