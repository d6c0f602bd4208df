import { t } from '@lingui/core/macro'
import { Button, Checkbox, Group, SegmentedControl, Select } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useMachine } from '../../app/machine.ts'
import { useKeys } from '../../app/facts.tsx'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'
import { ArtifactName, BoardMemory, BoardName, useIsTaken } from './board-fields.tsx'
import { TryImageForm } from './try-image-form.tsx'

interface BoardFormProps {
  /** The card image that it begins with; null for a new system. */
  image: string | null
  onStarted: (jobId: string) => void
}

/** What a new virtual board is to be: made anew, or a card image of one's own. */
export function BoardForm({ image, onStarted }: BoardFormProps) {
  const machine = useMachine()
  const [hasImage, setHasImage] = useState(image !== null)
  return (
    <>
      {machine !== null && (
        <SegmentedControl
          size="xs"
          aria-label={t`What it runs`}
          value={hasImage ? 'image' : 'new'}
          onChange={(value) => setHasImage(value === 'image')}
          data={[
            { value: 'new', label: t`A new system` },
            { value: 'image', label: t`A card image of yours` },
          ]}
        />
      )}
      {hasImage ? <TryImageForm image={image ?? ''} onStarted={onStarted} /> : <NewBoardForm onStarted={onStarted} />}
    </>
  )
}

function NewBoardForm({ onStarted }: Pick<BoardFormProps, 'onStarted'>) {
  const [name, setName] = useState('')
  const [artifactName, setArtifactName] = useState('board-1')
  const [memory, setMemory] = useState('256')
  const [verifyKeyId, setVerifyKeyId] = useState<string | null>(null)
  const [isOn, setOn] = useState(true)
  const isTaken = useIsTaken(name)
  const create = useAction(
    (engine) => engine.boards.create({ name, artifactName, memoryMiB: Number(memory), verifyKeyId, isOn }),
    ({ jobId }) => onStarted(jobId),
  )
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (!isTaken) create.run()
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <p className="dim">{t`A real system with U-Boot, two slots and the Mender client, in QEMU. Its packages are fetched once, and kept.`}</p>
      <BoardName value={name} onChange={setName} />
      <ArtifactName description={t`Of what both of its slots hold at first`} value={artifactName} onChange={setArtifactName} />
      <BoardMemory value={memory} onChange={setMemory} />
      <VerifyKey value={verifyKeyId} onChange={setVerifyKeyId} />
      <Checkbox mt="md" size="xs" label={t`Switch it on`} checked={isOn} onChange={(event) => setOn(event.currentTarget.checked)} />
      <Group justify="flex-end" mt="md">
        <May group="boards">
          <Button type="submit" loading={create.isBusy}>
            {t`Make it`}
          </Button>
        </May>
      </Group>
    </form>
  )
}

function VerifyKey({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const keys = useKeys().value ?? []
  return (
    <Select
      mt="sm"
      label={t`Verification key`}
      description={t`Artifacts for it must be signed with this key`}
      placeholder={t`none: signatures are not checked`}
      clearable
      clearButtonProps={{ 'aria-label': t`No verification key` }}
      data={keys.map((key) => ({ value: key.id, label: key.name }))}
      value={value}
      onChange={onChange}
    />
  )
}
