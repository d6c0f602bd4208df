import type { Failure } from '@contract/errors.ts'
import { useState } from 'react'
import type { Engine } from './connection.ts'
import { useConnection } from './connection-context.tsx'
import { useAction } from './use-action.ts'
import styles from './ssh-fields.module.css'
import { Refusal } from '../ui/refusal.tsx'

/** Opens a console or a log, and keeps why it cannot be opened, to be shown there where it was asked for. */
export function useOpening(onOpened: (id: string) => void) {
  const connection = useConnection()
  const [failure, setFailure] = useState<Failure | null>(null)
  const open = useAction(
    async (_engine, work: (engine: Engine) => Promise<{ id: string }>) => {
      setFailure(null)
      try {
        return await work(_engine)
      } catch (thrown) {
        setFailure(connection.explain(thrown))
        return null
      }
    },
    (opened) => {
      if (opened !== null) onOpened(opened.id)
    },
  )
  return { open: open.run, isBusy: open.isBusy, failure, forget: () => setFailure(null) }
}

/** Why it was not opened. */
export function Problem({ failure }: { failure: Failure | null }) {
  if (failure === null) return null
  return <Refusal failure={failure} className={styles.problem} />
}
