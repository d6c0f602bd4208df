import { t } from '@lingui/core/macro'
import { keyName } from '@contract/keys.ts'
import { TextInput } from '@mantine/core'
import { say } from '../../ui/engine-words.ts'

interface KeyNameFieldProps {
  value: string
  onChange: (name: string) => void
}

/** What a key is called. */
export function KeyNameField({ value, onChange }: KeyNameFieldProps) {
  return (
    <TextInput
      label={t`Name`}
      placeholder="release-2026"
      data-autofocus
      value={value}
      error={value === '' ? null : say(keyName.safeParse(value).error?.issues[0]?.message ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

export function isKeyName(name: string): boolean {
  return keyName.safeParse(name).success
}
