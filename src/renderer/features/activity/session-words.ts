import type { Recording } from '@contract/recordings.ts'
import { span } from '../../ui/format.ts'

/** How long a session took, or why nobody can say. */
export function tookOf({ startedAt, endedAt, isRunning }: Recording): string {
  if (isRunning) return 'open'
  return endedAt === null ? 'broken off' : span(endedAt - startedAt)
}
