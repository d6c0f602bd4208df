import { t } from '@lingui/core/macro'
import type { Recording } from '@contract/recordings.ts'
import { span } from '../../ui/format.ts'

/** How long a session took, or why nobody can say. */
export function tookOf({ startedAt, endedAt, isRunning }: Recording): string {
  if (isRunning) return t`open`
  return endedAt === null ? t`broken off` : span(endedAt - startedAt)
}
