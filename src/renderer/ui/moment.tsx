import { t } from '@lingui/core/macro'
import { ago, exactly } from './format.ts'
import { useNow } from './use-now.ts'

/** When something was or will be, told from now; exact where the pointer rests. */
export function Moment({ at, className }: { at: number | null; className?: string | undefined }) {
  const now = useNow()
  if (at === null) return <span className="dim">{t`never`}</span>
  return (
    <time className={className} dateTime={new Date(at).toISOString()} title={exactly(at)}>
      {ago(at, now)}
    </time>
  )
}
