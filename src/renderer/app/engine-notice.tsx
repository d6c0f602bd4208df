import { t } from '@lingui/core/macro'
import { Button, Loader } from '@mantine/core'
import { OctagonX, RotateCw } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useConnection, useLink } from './connection-context.tsx'
import styles from './engine-notice.module.css'

const PATIENCE_MS = 700

/** Says that the engine is gone and offers to start it again. What was last read stays on screen below. */
export function EngineNotice() {
  const connection = useConnection()
  const link = useLink()
  const isSlow = useStillTrue(link.kind === 'connecting')
  if (link.kind === 'stopped') {
    return (
      <div className={styles.notice} role="alert">
        <OctagonX size={17} aria-hidden />
        <div className={styles.text}>
          <strong>{link.failure.message}</strong> {link.failure.hint}
        </div>
        <span className={styles.code}>{link.failure.code}</span>
        {connection.desktop !== null && (
          <Button leftSection={<RotateCw size={13} />} onClick={() => void connection.restart()}>
            {t`Restart engine`}
          </Button>
        )}
      </div>
    )
  }
  if (!isSlow) return null
  return (
    <output className={styles.starting}>
      <Loader size={14} color="gray" /> {t`The engine is starting…`}
    </output>
  )
}

/** True when `condition` has held for a while, so that what passes quickly is not shown at all. */
function useStillTrue(condition: boolean): boolean {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    if (!condition) return
    const timer = window.setTimeout(() => setLong(true), PATIENCE_MS)
    return () => {
      window.clearTimeout(timer)
      setLong(false)
    }
  }, [condition])
  return condition && isLong
}
