import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Drive } from '@contract/drives.ts'
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useEffect, useState } from 'react'
import type { Desktop } from '../../app/connection.ts'
import { useConnection } from '../../app/connection-context.tsx'
import { bytes } from '../../ui/format.ts'
import { contentWords, driveKey, eraseWords, placeWords } from './drive-words.ts'
import styles from './erase-dialog.module.css'

interface EraseDialogProps {
  /** The file that is written. */
  image: string
  /** The one partition that is overwritten; null: all is erased. */
  partition: number | null
  drives: readonly Drive[]
  isOpen: boolean
  /** Hears the names that had to be typed, by the keys of the drives. */
  onConfirm: (typed: Readonly<Record<string, string>>) => void
  onClose: () => void
}

/** How long the button stays off, so that nobody presses it by habit. */
const ARM_MS = 2000

/** What will be lost, drive by drive. The focus is on Cancel; large, fixed and unknown drives want their name typed. */
export function EraseDialog({ isOpen, onClose, ...rest }: EraseDialogProps) {
  const what = rest.partition === null ? t`Everything` : t`Partition ${rest.partition}`
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={rest.drives.length === 1 ? t`${what} on this drive will be lost` : t`${what} on these drives will be lost`}
      withCloseButton={false}
      size="lg"
    >
      <Question {...rest} onClose={onClose} />
    </Modal>
  )
}

function Question({ image, partition, drives, onConfirm, onClose }: Omit<EraseDialogProps, 'isOpen'>) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const isArmed = useArmed()
  const mustType = drives.filter(({ verdict }) => verdict.kind === 'needs-name')
  const isNamed = mustType.every(({ name, identity }) => typed[driveKey(identity)] === name)
  function submit(event: FormEvent): void {
    event.preventDefault()
    onClose()
    onConfirm(typed)
  }
  return (
    <form onSubmit={submit}>
      <p className={styles.what}>
        <Trans>
          <strong>{image}</strong> takes its place.
        </Trans>
      </p>
      <ul className={styles.drives}>
        {drives.map((drive) => (
          <li key={driveKey(drive.identity)}>
            <span className={styles.name}>
              {drive.name} <span className={styles.size}>{bytes(drive.sizeBytes)}</span>
            </span>
            <span className="dim">{placeWords(drive)}</span>
            {contentWords(drive) !== '' && <span className="dim">{t`now: ${contentWords(drive)}`}</span>}
            {drive.mountedAt.length > 0 && <span className="dim">{t`unmounted first: ${drive.mountedAt.join(', ')}`}</span>}
            {mustType.includes(drive) && (
              <TextInput
                mt={6}
                label={t`${drive.verdict.reasons.map(({ text }) => text).join(' ')} Type ${drive.name} to confirm`}
                autoComplete="off"
                spellCheck={false}
                value={typed[driveKey(drive.identity)] ?? ''}
                onPaste={(event) => event.preventDefault()}
                onChange={(event) => setTyped({ ...typed, [driveKey(drive.identity)]: event.currentTarget.value })}
              />
            )}
          </li>
        ))}
      </ul>
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" data-autofocus onClick={onClose}>
          {t`Cancel`}
        </Button>
        <Button type="submit" color="red" disabled={!isArmed || !isNamed} className={styles.erase} data-arming={!isArmed}>
          {partition === null ? eraseWords(drives) : t`Overwrite partition ${partition} of ${drives.length}`}
        </Button>
      </Group>
    </form>
  )
}

/** True after a moment; at once for who works with assistive technology, and hears every word first. */
function useArmed(): boolean {
  const [isArmed, setArmed] = useState(false)
  const { desktop } = useConnection()
  useEffect(() => {
    const timer = window.setTimeout(() => setArmed(true), ARM_MS)
    void skipFor(desktop, () => setArmed(true))
    return () => window.clearTimeout(timer)
  }, [desktop])
  return isArmed
}

async function skipFor(desktop: Desktop | null, arm: () => void): Promise<void> {
  try {
    if ((await desktop?.assistiveTechnology())?.isOn) arm()
  } catch {
    // A shell that does not answer leaves the delay in place.
  }
}
