import { t } from '@lingui/core/macro'
import type { DeploymentTarget } from '@contract/deployments.ts'
import { AppError } from '@contract/errors.ts'
import { parseFilter } from '@contract/filters.ts'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { say } from '../../ui/engine-words.ts'

/** Devices by what they are and say; also those that come to fit later. */
export function FilterField({ onChange }: { onChange: (target: DeploymentTarget | null) => void }) {
  const [text, setText] = useState('')
  const [problem, setProblem] = useState('')
  function type(next: string): void {
    setText(next)
    try {
      onChange(next.trim() === '' ? null : { kind: 'filter', filter: parseFilter(next) })
      setProblem('')
    } catch (thrown) {
      onChange(null)
      setProblem(say(thrown instanceof AppError ? thrown.message : String(thrown)))
    }
  }
  return (
    <TextInput
      size="xs"
      aria-label={t`Filter`}
      placeholder={t`device_type=rpi4 and mem_mb>=512`}
      description={t`Devices that come to fit it later get it too, until it is aborted.`}
      inputWrapperOrder={['input', 'error', 'description']}
      value={text}
      error={problem}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}
