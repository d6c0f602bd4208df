import { t } from '@lingui/core/macro'
import { boardNameFor } from '@contract/boards.ts'
import { Button, Checkbox, Group } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { May } from '../../app/may.tsx'
import { PathInput } from '../../app/path-input.tsx'
import { useAction } from '../../app/use-action.ts'
import { BoardMemory, BoardName, useIsTaken } from './board-fields.tsx'

interface TryImageFormProps {
  image: string
  onStarted: (jobId: string) => void
}

/** Which card image is to be tried as a virtual board. */
export function TryImageForm({ image: initial, onStarted }: TryImageFormProps) {
  const [image, setImage] = useState(initial)
  /** null: that of the image. */
  const [typedName, setTypedName] = useState<string | null>(null)
  const [memory, setMemory] = useState('256')
  const [isOn, setOn] = useState(true)
  const name = typedName ?? (image === '' ? '' : boardNameFor(image))
  const isTaken = useIsTaken(name)
  const start = useAction(
    (engine) => engine.boards.tryImage({ name, image, memoryMiB: Number(memory), isOn }),
    ({ jobId }) => onStarted(jobId),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (!isTaken) start.run()
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <p className="dim">
        {t`A card for arm64 that starts by U-Boot or UEFI, packed or not. The board gets a copy: the image stays as it is. To reach the bench, its server is 10.0.2.2.`}
      </p>
      <PathInput label={t`Card image`} placeholder="/path/to/card.img" value={image} onChange={setImage} />
      <BoardName value={name} onChange={setTypedName} />
      <BoardMemory value={memory} onChange={setMemory} />
      <Checkbox mt="md" size="xs" label={t`Switch it on`} checked={isOn} onChange={(event) => setOn(event.currentTarget.checked)} />
      <Group justify="flex-end" mt="md">
        <May group="boards">
          <Button type="submit" disabled={image === ''} loading={start.isBusy}>
            {t`Try it`}
          </Button>
        </May>
      </Group>
    </form>
  )
}
