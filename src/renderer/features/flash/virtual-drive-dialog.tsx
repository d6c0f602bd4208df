import { t } from '@lingui/core/macro'
import { NO_DRIVE_FAULTS } from '@contract/drives.ts'
import { Button, Group, Modal, Select, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useAction } from '../../app/use-action.ts'

const GIB = 2 ** 30
const SIZES = [
  { value: String(GIB), label: t`1 GiB` },
  { value: String(4 * GIB), label: t`4 GiB` },
  { value: String(8 * GIB), label: t`8 GiB` },
  { value: String(32 * GIB), label: t`32 GiB` },
]
const MIB = 2 ** 20
const SPEEDS = [
  { value: '', label: t`As fast as the disk` },
  { value: String(60 * MIB), label: t`60 MiB/s, a good card` },
  { value: String(20 * MIB), label: t`20 MiB/s, an ordinary card` },
  { value: String(5 * MIB), label: t`5 MiB/s, a slow card` },
]
const FAULTS = [
  { value: 'none', label: t`Nothing` },
  { value: 'failsAtByte', label: t`Writing fails at 1 MiB` },
  { value: 'pulledAtByte', label: t`It is pulled at 1 MiB` },
  { value: 'realBytes', label: t`It keeps only half of what it says` },
]

interface VirtualDriveDialogProps {
  isOpen: boolean
  onClose: () => void
}

/** Makes a file that plays a card, and takes only the room that is written. */
export function VirtualDriveDialog({ isOpen, onClose }: VirtualDriveDialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={t`Virtual drive`} size="sm" closeButtonProps={{ 'aria-label': t`Close` }}>
      <Form onDone={onClose} />
    </Modal>
  )
}

function Form({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('card-1')
  const [size, setSize] = useState(String(4 * GIB))
  const [speed, setSpeed] = useState('')
  const [fault, setFault] = useState('none')
  const make = useAction((engine) => {
    const sizeBytes = Number(size)
    const faults = {
      ...NO_DRIVE_FAULTS,
      ...(fault !== 'none' && { [fault]: fault === 'realBytes' ? sizeBytes / 2 : MIB }),
      writeBytesPerSecond: speed === '' ? null : Number(speed),
    }
    return engine.drives.createVirtual({ name, sizeBytes, faults })
  }, onDone)
  function submit(event: FormEvent): void {
    event.preventDefault()
    make.run()
  }
  return (
    <form onSubmit={submit}>
      <TextInput
        label={t`Name`}
        data-autofocus
        required
        pattern="[\w.\-]{1,40}"
        title={t`At most 40 letters, digits and . _ -`}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Select mt="sm" label={t`Size`} data={SIZES} value={size} allowDeselect={false} onChange={(value) => setSize(value ?? size)} />
      <Select
        mt="sm"
        label={t`Speed of writing`}
        data={SPEEDS}
        value={speed}
        allowDeselect={false}
        onChange={(value) => setSpeed(value ?? '')}
      />
      <Select
        mt="sm"
        label={t`What goes wrong`}
        data={FAULTS}
        value={fault}
        allowDeselect={false}
        onChange={(value) => setFault(value ?? 'none')}
      />
      <Group justify="flex-end" mt="lg" gap="xs">
        <Button variant="default" onClick={onDone}>
          {t`Cancel`}
        </Button>
        <Button type="submit" loading={make.isBusy}>
          {t`Make it`}
        </Button>
      </Group>
    </form>
  )
}
