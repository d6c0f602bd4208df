import { t } from '@lingui/core/macro'
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
      label={t`Name`}
      mt="sm"
      data-autofocus
      required
      placeholder="board-1"
      pattern="[a-z0-9][a-z0-9\-]{0,30}"
      title={t`Small letters, digits and -, up to 31`}
      error={isTaken ? t`There is a virtual board of this name` : null}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export function ArtifactName({ description, error, value, onChange }: FieldProps & { description: string; error?: string | null }) {
  return (
    <TextInput
      mt="sm"
      label={t`Artifact name`}
      description={description}
      required
      pattern="[A-Za-z0-9._+\-]{1,100}"
      title={t`Letters, digits and . _ + -`}
      error={error}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

const MEMORIES = ['128', '256', '512', '1024', '2048'].map((value) => ({ value, label: t`${value} MiB` }))

/** In MiB. */
export function BoardMemory({ value, onChange }: FieldProps) {
  return (
    <Select
      mt="sm"
      label={t`Memory`}
      data={MEMORIES}
      value={value}
      allowDeselect={false}
      onChange={(chosen) => onChange(chosen ?? value)}
    />
  )
}
