import { Button, Checkbox, Group, Select, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useBoards, useKeys } from '../../app/facts.tsx'
import { May } from '../../app/may.tsx'
import { useAction } from '../../app/use-action.ts'

const MEMORIES = ['128', '256', '512', '1024', '2048'].map((value) => ({ value, label: `${value} MiB` }))

/** What a new virtual board is to be. */
export function BoardForm({ onStarted }: { onStarted: (jobId: string) => void }) {
  const taken = (useBoards().value ?? []).map((board) => board.name)
  const [name, setName] = useState('')
  const [artifactName, setArtifactName] = useState('board-1')
  const [memory, setMemory] = useState('256')
  const [verifyKeyId, setVerifyKeyId] = useState<string | null>(null)
  const [isOn, setOn] = useState(true)
  const create = useAction(
    (engine) => engine.boards.create({ name, artifactName, memoryMiB: Number(memory), verifyKeyId, isOn }),
    ({ jobId }) => onStarted(jobId),
  )
  const isTaken = taken.includes(name)
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (!isTaken) create.run()
  }
  return (
    <form onSubmit={submit} autoComplete="off">
      <p className="dim">A real system with U-Boot, two slots and the Mender client, in QEMU. Its packages are fetched once, and kept.</p>
      <TextInput
        label="Name"
        data-autofocus
        required
        placeholder="board-1"
        pattern="[a-z0-9][a-z0-9\-]{0,30}"
        title="Small letters, digits and -, up to 31"
        error={isTaken ? 'There is a virtual board of this name' : null}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        mt="sm"
        label="Artifact name"
        description="Of what both of its slots hold at first"
        required
        pattern="[A-Za-z0-9._+\-]{1,100}"
        title="Letters, digits and . _ + -"
        value={artifactName}
        onChange={(event) => setArtifactName(event.currentTarget.value)}
      />
      <Select
        mt="sm"
        label="Memory"
        data={MEMORIES}
        value={memory}
        allowDeselect={false}
        onChange={(value) => setMemory(value ?? memory)}
      />
      <VerifyKey value={verifyKeyId} onChange={setVerifyKeyId} />
      <Checkbox mt="md" size="xs" label="Switch it on" checked={isOn} onChange={(event) => setOn(event.currentTarget.checked)} />
      <Group justify="flex-end" mt="md">
        <May group="boards">
          <Button type="submit" loading={create.isBusy}>
            Make it
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
      label="Verification key"
      description="Artifacts for it must be signed with this key"
      placeholder="none: signatures are not checked"
      clearable
      clearButtonProps={{ 'aria-label': 'No verification key' }}
      data={keys.map((key) => ({ value: key.id, label: key.name }))}
      value={value}
      onChange={onChange}
    />
  )
}
