import { t } from '@lingui/core/macro'
import { Button } from '@mantine/core'
import { Lock, SquareTerminal } from 'lucide-react'
import { useRefusal } from '../../app/may.tsx'
import { useLive } from '../../app/use-live.ts'
import { useWindow } from '../../app/window-state.ts'
import { Empty } from '../../ui/empty.tsx'
import { bytes } from '../../ui/format.ts'
import { Cut, RowList } from '../../ui/row-list.tsx'
import { Moment } from '../../ui/moment.tsx'
import styles from './activity.module.css'
import { SessionInspector } from './session-inspector.tsx'
import { tookOf } from './session-words.ts'

/** Terminals on devices, as they were recorded. */
export function SessionsTab() {
  const { sessionId, selectSession, showSettings } = useWindow()
  const recordings = useLive('recordings.list', (engine, signal) => engine.recordings.list(undefined, { signal })).value
  const isOn = useLive('recordings.isOn', (engine, signal) => engine.recordings.isOn(undefined, { signal })).value
  const why = useRefusal('recordings')
  if (why !== null) return <Empty icon={Lock} title={t`Sessions are not shown`} text={why} />
  if (recordings === null) return null
  if (recordings.length === 0)
    return (
      <Empty
        icon={SquareTerminal}
        title={t`No sessions`}
        text={isOn === false ? t`Recording is off.` : t`What a terminal on a device shows is recorded, and can be played again here.`}
      >
        <Button variant="default" onClick={() => showSettings('server')}>
          {t`Settings`}
        </Button>
      </Empty>
    )
  const selected = recordings.find(({ id }) => id === sessionId)
  return (
    <div className={styles.split}>
      <div className={styles.list}>
        <RowList
          label={t`Sessions`}
          columns={styles.sessions}
          head={
            <>
              <span>{t`Started`}</span>
              <span>{t`Device`}</span>
              <span>{t`Who`}</span>
              <span>{t`Took`}</span>
              <span>{t`Size`}</span>
            </>
          }
          items={recordings}
          keyOf={({ id }) => id}
          selectedKey={sessionId}
          onSelect={({ id }) => selectSession(id)}
        >
          {(recording) => (
            <>
              <Moment className="figures" at={recording.startedAt} />
              <Cut>{recording.deviceName}</Cut>
              <Cut>{recording.actor}</Cut>
              <span className="figures">{tookOf(recording)}</span>
              <span className="figures">{bytes(recording.sizeBytes)}</span>
            </>
          )}
        </RowList>
      </div>
      {selected !== undefined && <SessionInspector key={selected.id} recording={selected} onClose={() => selectSession(null)} />}
    </div>
  )
}
