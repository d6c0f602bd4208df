import { t } from '@lingui/core/macro'
import type { AuditEntry } from '@contract/audit.ts'
import { Button } from '@mantine/core'
import { Play } from 'lucide-react'
import { useWindow } from '../../app/window-state.ts'
import { CopyLine } from '../../ui/copy-line.tsx'
import { exactly } from '../../ui/format.ts'
import { Facts, Label } from '../../ui/chip.tsx'
import { Inspector, InspectorBody } from '../../ui/inspector.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { actionWords, detailOf, recordingOf } from './audit-words.ts'
import { Outcome } from './outcome.tsx'

/** All that is known of one order. */
export function AuditInspector({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { at, actor, token, address, action, detail, outcome } = entry
  const value = detailOf(entry)
  const recordingId = recordingOf(value)
  const { selectSession } = useWindow()
  const text = value === null ? detail : JSON.stringify(value, null, 2)
  return (
    <Inspector title={actionWords(action)} subtitle={<Outcome entry={entry} />} onClose={onClose}>
      <InspectorBody>
        {outcome !== 'done' && <Trouble>{outcome}</Trouble>}
        <Facts
          rows={[
            [t`time`, exactly(at)],
            [t`who`, actor],
            [t`by token`, token || t`none`],
            [t`from`, address || t`this machine`],
            [t`operation`, action],
          ]}
        />
        {recordingId !== null && (
          <Button mt="md" variant="default" leftSection={<Play size={13} />} onClick={() => selectSession(recordingId)}>
            {t`Show the session`}
          </Button>
        )}
        {text !== '' && (
          <>
            <Label>{t`Ordered with`}</Label>
            <CopyLine isWhole text={text} label={t`what it was ordered with`} />
          </>
        )}
      </InspectorBody>
    </Inspector>
  )
}
