import { t } from '@lingui/core/macro'
import type { Recording } from '@contract/recordings.ts'
import { Button, Modal } from '@mantine/core'
import { Download, Play, SquareTerminal, Trash2 } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useConnection } from '../../app/connection-context.tsx'
import { saveText } from '../../app/save-text.ts'
import { useAction } from '../../app/use-action.ts'
import { useWindow } from '../../app/window-state.ts'
import { May } from '../../app/may.tsx'
import { Facts } from '../../ui/chip.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { bytes, exactly } from '../../ui/format.ts'
import { Inspector, InspectorBody, InspectorFoot } from '../../ui/inspector.tsx'
import { Moment } from '../../ui/moment.tsx'
import { tookOf } from './session-words.ts'

const SessionPlayer = lazy(() => import('./session-player.tsx'))

/** One recorded session, to be played again, saved or removed. */
export function SessionInspector({ recording, onClose }: { recording: Recording; onClose: () => void }) {
  const { inspect } = useWindow()
  const { deviceId, deviceName, actor, startedAt, sizeBytes, isCut } = recording
  return (
    <Inspector title={deviceName} subtitle={<span className="dim">{t`A terminal, as it was recorded`}</span>} onClose={onClose}>
      <InspectorBody>
        <Facts
          rows={[
            [t`started`, <Moment key="started" at={startedAt} />],
            [t`took`, tookOf(recording)],
            [t`who`, actor],
            [t`size`, isCut ? t`${bytes(sizeBytes)}, cut: it was longer than what is kept` : bytes(sizeBytes)],
          ]}
        />
        <Button mt="md" variant="default" leftSection={<SquareTerminal size={13} />} onClick={() => inspect(deviceId)}>
          {t`The device`}
        </Button>
      </InspectorBody>
      <SessionActions recording={recording} onClose={onClose} />
    </Inspector>
  )
}

function SessionActions({ recording, onClose }: { recording: Recording; onClose: () => void }) {
  const { desktop } = useConnection()
  const { id, deviceName, startedAt, isRunning } = recording
  const [cast, setCast] = useState<string | null>(null)
  const [isAsking, setAsking] = useState(false)
  const play = useAction(
    (engine) => engine.recordings.read({ id }),
    (read) => setCast(read.cast),
  )
  const save = useAction(async (engine) => saveText(desktop, `${deviceName}.cast`, (await engine.recordings.read({ id })).cast))
  const remove = useAction((engine) => engine.recordings.remove({ id }), onClose)
  return (
    <>
      <InspectorFoot>
        <Button leftSection={<Play size={13} />} loading={play.isBusy} onClick={() => play.run()}>
          {t`Play`}
        </Button>
        <Button variant="default" leftSection={<Download size={13} />} loading={save.isBusy} onClick={() => save.run()}>
          {t`Save…`}
        </Button>
        <May group="recordings">
          <Button variant="default" leftSection={<Trash2 size={13} />} disabled={isRunning} onClick={() => setAsking(true)}>
            {t`Remove…`}
          </Button>
        </May>
      </InspectorFoot>
      <Modal
        opened={cast !== null}
        onClose={() => setCast(null)}
        size="auto"
        title={`${deviceName}, ${exactly(startedAt)}`}
        closeButtonProps={{ 'aria-label': t`Close` }}
      >
        {cast !== null && (
          <Suspense>
            <SessionPlayer cast={cast} />
          </Suspense>
        )}
      </Modal>
      <Confirm
        title={t`Remove this session?`}
        action={t`Remove`}
        isOpen={isAsking}
        onConfirm={() => remove.run()}
        onClose={() => setAsking(false)}
      >
        {t`What the terminal on ${deviceName} showed is gone for good. The audit log keeps who opened it.`}
      </Confirm>
    </>
  )
}
