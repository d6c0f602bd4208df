import { t } from '@lingui/core/macro'
import type { DeploymentPreview } from '@contract/deployments.ts'

const WORDS = {
  takes: [t`takes it`, t`take it`],
  has: [t`has it already`, t`have it already`],
  refuses: [t`will refuse it`, t`will refuse it`],
} as const

/** The counts in a line: `3 take it, 1 has it already, 2 will refuse it`. */
export function previewCounts(preview: DeploymentPreview): string {
  const counts = (['takes', 'has', 'refuses'] as const).flatMap((kind) => {
    const count = preview.filter((each) => each.kind === kind).reduce((sum, { deviceCount }) => sum + deviceCount, 0)
    return count === 0 ? [] : [`${count} ${WORDS[kind][count === 1 ? 0 : 1]}`]
  })
  return counts.length === 0 ? t`No device fits yet` : counts.join(', ')
}
