import { t } from '@lingui/core/macro'
import { Select } from '@mantine/core'
import { useKeys } from './facts.tsx'

interface SigningKeySelectProps {
  /** null is unsigned. */
  value: string | null
  problem?: string | undefined
  onChange: (keyId: string | null) => void
}

/** The key to sign with, of those that can. */
export function SigningKeySelect({ value, problem, onChange }: SigningKeySelectProps) {
  const keys = (useKeys().value ?? []).filter((key) => key.hasPrivateKey)
  return (
    <Select
      label={t`Signing key`}
      data={[{ value: 'none', label: t`Not signed` }, ...keys.map(({ id, name }) => ({ value: id, label: name }))]}
      value={value ?? 'none'}
      error={problem}
      allowDeselect={false}
      onChange={(keyId) => onChange(keyId === 'none' ? null : keyId)}
    />
  )
}
