import { t } from '@lingui/core/macro'
import type { SigningKey } from '@contract/keys.ts'
import { Button, Group, Modal } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { isKeyName, KeyNameField } from './key-name-field.tsx'
import styles from './keys.module.css'

interface RenameKeyProps {
  /** null while nothing is asked. */
  signingKey: SigningKey | null
  onClose: () => void
}

export function RenameKey({ signingKey, onClose }: RenameKeyProps) {
  return (
    <Modal opened={signingKey !== null} onClose={onClose} title={t`Rename ${signingKey?.name ?? ''}`} withCloseButton={false}>
      {signingKey !== null && <RenameForm signingKey={signingKey} onDone={onClose} />}
    </Modal>
  )
}

function RenameForm({ signingKey, onDone }: { signingKey: SigningKey; onDone: () => void }) {
  const [name, setName] = useState(signingKey.name)
  const rename = useAction((engine) => engine.keys.rename({ id: signingKey.id, name }), onDone)
  function submit(event: FormEvent): void {
    event.preventDefault()
    rename.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <KeyNameField value={name} onChange={setName} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onDone}>
          {t`Cancel`}
        </Button>
        <Button type="submit" disabled={!isKeyName(name)} loading={rename.isBusy}>
          {t`Rename`}
        </Button>
      </Group>
    </form>
  )
}
