import { t } from '@lingui/core/macro'
import type { AuditEntry } from '@contract/audit.ts'
import { Check, OctagonX } from 'lucide-react'
import { StateWord } from '../../ui/state-word.tsx'

/** What came of an order. */
export function Outcome({ entry: { outcome } }: { entry: AuditEntry }) {
  return outcome === 'done' ? (
    <StateWord word={t`DONE`} icon={Check} token="ok" />
  ) : (
    <StateWord word={/^(PERMISSION|LOGIN_REFUSED)/.test(outcome) ? t`REFUSED` : t`FAILED`} icon={OctagonX} token="attention" />
  )
}
