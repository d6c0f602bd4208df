import { t } from '@lingui/core/macro'
import { keyAlgorithm } from '@contract/keys.ts'
import { Button, Group, Modal, Radio, Stack } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'
import { isKeyName, KeyNameField } from './key-name-field.tsx'
import styles from './keys.module.css'

interface DialogProps {
  isOpen: boolean
  onClose: () => void
}

export function GenerateKey({ isOpen, onClose }: DialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={t`Generate a key`} closeButtonProps={{ 'aria-label': t`Close` }}>
      <GenerateForm onDone={onClose} />
    </Modal>
  )
}

const ALGORITHMS: Readonly<Record<(typeof keyAlgorithm.options)[number], string>> = {
  p256: t`Short signatures, quick on small devices. What the bench would choose.`,
  'rsa-3072': t`Where a token, a policy or an old client asks for RSA.`,
  'rsa-4096': t`Longer still: slower to sign and to check.`,
}

function GenerateForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('')
  const [algorithm, setAlgorithm] = useState<string>('p256')
  const generate = useAction((engine) => engine.keys.generate({ name, algorithm: keyAlgorithm.parse(algorithm) }), onDone)
  function submit(event: FormEvent): void {
    event.preventDefault()
    generate.run()
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <KeyNameField value={name} onChange={setName} />
      <Radio.Group label={t`Algorithm`} value={algorithm} onChange={setAlgorithm}>
        <Stack gap={8} mt={4}>
          {['p256', 'rsa-3072', 'rsa-4096'].map((each) => (
            <Radio key={each} size="xs" value={each} label={each} description={ALGORITHMS[keyAlgorithm.parse(each)]} />
          ))}
        </Stack>
      </Radio.Group>
      <Group justify="flex-end">
        <Button type="submit" disabled={!isKeyName(name)} loading={generate.isBusy}>
          {t`Generate key`}
        </Button>
      </Group>
    </form>
  )
}
