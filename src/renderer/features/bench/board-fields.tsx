import { Select, TextInput } from '@mantine/core'
import { useBoards } from '../../app/facts.tsx'

interface FieldProps {
  value: string
  onChange: (value: string) => void
}

/** Whether a virtual board has this name already. */
export function useIsTaken(name: string): boolean {
  return (useBoards().value ?? []).some((board) => board.name === name)
}

export function BoardName({ value, onChange }: FieldProps) {
  const isTaken = useIsTaken(value)
  return (
    <TextInput
      label="Name"
      mt="sm"
      data-autofocus
      required
      placeholder="board-1"
      pattern="[a-z0-9][a-z0-9\-]{0,30}"
      title="Small letters, digits and -, up to 31"
      error={isTaken ? 'There is a virtual board of this name' : null}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export function ArtifactName({ description, error, value, onChange }: FieldProps & { description: string; error?: string | null }) {
  return (
    <TextInput
      mt="sm"
      label="Artifact name"
      description={description}
      required
      pattern="[A-Za-z0-9._+\-]{1,100}"
      title="Letters, digits and . _ + -"
      error={error}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

const MEMORIES = ['128', '256', '512', '1024', '2048'].map((value) => ({ value, label: `${value} MiB` }))

/** In MiB. */
export function BoardMemory({ value, onChange }: FieldProps) {
  return (
    <Select mt="sm" label="Memory" data={MEMORIES} value={value} allowDeselect={false} onChange={(chosen) => onChange(chosen ?? value)} />
  )
}
