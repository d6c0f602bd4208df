import type { Artifact } from '@contract/artifacts.ts'
import { useWindow } from '../../app/window-state.ts'

/** Opens the comparison of two artifacts, the older one as the one before; of one, with the other still to be chosen. */
export function useCompare(): (chosen: readonly Artifact[]) => void {
  const { showComparison } = useWindow()
  return (chosen) => {
    const [a, b, more] = chosen.toSorted((one, other) => one.addedAt - other.addedAt)
    if (a === undefined || more !== undefined) return
    showComparison({ a: { id: a.id }, b: b === undefined ? null : { id: b.id } })
  }
}
