import { t } from '@lingui/core/macro'
import type { Board } from '@contract/boards.ts'
import { useState } from 'react'
import { useCall } from '../../app/use-call.ts'
import { Facts } from '../../ui/chip.tsx'
import styles from './device-inspector.module.css'
import { Refusal } from '../../ui/refusal.tsx'

/** All variables of U-Boot's environment on the card of a virtual board, asked for when they are shown. */
export function BootVariables({ board }: { board: Board }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className={styles.variables} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t`All variables on its card`}</summary>
      {isOpen && <Variables board={board} />}
    </details>
  )
}

/** Asked for again when the boot loader has changed them. */
function Variables({ board: { name, boot, startCount } }: { board: Board }) {
  const key = `boards.environment ${name} ${startCount} ${JSON.stringify(boot)}`
  const { value, failure } = useCall(key, (engine, signal) => engine.boards.environment({ name }, { signal }))
  if (failure !== null) return <Refusal failure={failure} />
  if (value === null) return null
  const rows = Object.entries(value).map(([variable, text]) => [variable, <code key={variable}>{text}</code>] as const)
  return rows.length === 0 ? <p className="dim">{t`No environment is on its card.`}</p> : <Facts rows={rows} />
}
