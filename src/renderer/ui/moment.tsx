import { t } from '@lingui/core/macro'
import { moment } from './format.ts'
import { useNow } from './use-now.ts'

/** When something was, short; exact where the pointer rests. */
export function Moment({ at }: { at: number | null }) {
  const now = useNow()
  if (at === null) return <span className="dim">{t`never`}</span>
  return <span title={new Date(at).toLocaleString('sv')}>{moment(at, now)}</span>
}
