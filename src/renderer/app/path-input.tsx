import { t } from '@lingui/core/macro'
import { Button, TextInput } from '@mantine/core'
import { FolderOpen } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMachine } from './machine.ts'
import { useAction } from './use-action.ts'
import styles from './path-input.module.css'

interface PathInputProps {
  label: string
  value: string
  placeholder?: string
  isFolder?: boolean
  /** Has the focus when its dialog opens. */
  isFirst?: boolean
  icon?: ReactNode
  onChange: (path: string) => void
  /** Instead of asking for a file or a folder that is there. */
  onPick?: () => void
}

/** A path of this machine, typed or chosen. */
export function PathInput({ label, value, placeholder, isFolder = false, isFirst = false, icon, onChange, onPick }: PathInputProps) {
  const machine = useMachine()
  const pick = useAction(
    () => machine?.pickFiles({ title: label, isSeveral: false, isFolder }) ?? Promise.resolve({ paths: [] }),
    ({ paths: [path] }) => {
      if (path !== undefined) onChange(path)
    },
  )
  return (
    <div className={styles.path}>
      <TextInput
        data-autofocus={isFirst || undefined}
        label={label}
        placeholder={placeholder}
        classNames={{ input: styles.mono }}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <Button
        variant="default"
        aria-label={t`Choose: ${label}`}
        leftSection={icon ?? <FolderOpen size={13} />}
        onClick={() => (onPick ? onPick() : pick.run())}
      >
        {t`Choose…`}
      </Button>
    </div>
  )
}
