import { t } from '@lingui/core/macro'
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useAction } from '../../app/use-action.ts'
import styles from './settings.module.css'

/** Shows a certificate of another authority: two files of this machine. */
export function UseCertificate({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} size="lg" title={t`Use another certificate`} closeButtonProps={{ 'aria-label': t`Close` }}>
      <FilesForm onDone={onClose} />
    </Modal>
  )
}

function FilesForm({ onDone }: { onDone: () => void }) {
  const [certFile, setCertFile] = useState('')
  const [keyFile, setKeyFile] = useState('')
  const use = useAction((engine) => engine.server.setCertificate({ certFile: certFile.trim(), keyFile: keyFile.trim() }), onDone)
  function submit(event: FormEvent): void {
    event.preventDefault()
    use.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <FileField isFirst label={t`Certificate`} description={t`PEM, with its chain`} value={certFile} onChange={setCertFile} />
      <FileField
        label={t`Private key`}
        description={t`PEM, without a passphrase; it stays where it is`}
        value={keyFile}
        onChange={setKeyFile}
      />
      <p className="dim">{t`Devices that trust the bench's authority alone refuse it: give them that of the new one first.`}</p>
      <Group justify="flex-end">
        <Button type="submit" disabled={certFile.trim() === '' || keyFile.trim() === ''} loading={use.isBusy}>
          {t`Use it`}
        </Button>
      </Group>
    </form>
  )
}

interface FileFieldProps {
  label: string
  description: string
  value: string
  onChange: (path: string) => void
  isFirst?: boolean
}

function FileField({ label, description, value, onChange, isFirst = false }: FileFieldProps) {
  const machine = useMachine()
  const pick = useAction(async () => {
    const [path] = (await machine?.pickFiles({ title: label, isSeveral: false, isFolder: false }))?.paths ?? []
    if (path !== undefined) onChange(path)
  })
  return (
    <div className={styles.file}>
      <TextInput
        data-autofocus={isFirst || undefined}
        label={label}
        description={description}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Button variant="default" aria-label={t`Choose the file: ${label}`} onClick={() => pick.run()}>
        {t`Choose…`}
      </Button>
    </div>
  )
}
