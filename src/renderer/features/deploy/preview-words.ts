import { plural, t } from '@lingui/core/macro'
import type { DeploymentPreview } from '@contract/deployments.ts'

const WORDS = {
  takes: (count: number) => plural(count, { one: '# takes it', other: '# take it' }),
  has: (count: number) => plural(count, { one: '# has it already', other: '# have it already' }),
  refuses: (count: number) => plural(count, { one: '# will refuse it', other: '# will refuse it' }),
} as const

/** The counts in a line: `3 take it, 1 has it already, 2 will refuse it`. */
export function previewCounts(preview: DeploymentPreview): string {
  const counts = (['takes', 'has', 'refuses'] as const).flatMap((kind) => {
    const count = preview.filter((each) => each.kind === kind).reduce((sum, { deviceCount }) => sum + deviceCount, 0)
    return count === 0 ? [] : [WORDS[kind](count)]
  })
  return counts.length === 0 ? t`No device fits yet` : counts.join(', ')
}
