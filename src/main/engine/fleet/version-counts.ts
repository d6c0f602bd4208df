/** So many devices more or less run an artifact since the step before; step -1 is all that was before. */
interface Delta {
  artifactName: string
  step: number
  delta: number
}

export interface VersionCounts {
  /** null: all that are not named. */
  artifactName: string | null
  counts: number[]
}

/** How many devices ran which artifact at the end of each step: the `most` commonest by name, in order of their first appearance. */
export function versionCounts(deltas: readonly Delta[], stepCount: number, most: number): VersionCounts[] {
  const all = [...Map.groupBy(deltas, ({ artifactName }) => artifactName)]
    .map(([artifactName, ofOne]) => ({ artifactName, counts: countsOf(ofOne, stepCount) }))
    .filter(({ counts }) => counts.some((count) => count > 0))
  const peak = ({ counts }: VersionCounts): number => Math.max(...counts)
  const named = new Set(
    all
      .toSorted((one, other) => peak(other) - peak(one))
      .slice(0, most)
      .map(({ artifactName }) => artifactName),
  )
  const begin = ({ counts }: VersionCounts): number => counts.findIndex((count) => count > 0)
  const shown: VersionCounts[] = all
    .filter(({ artifactName }) => named.has(artifactName))
    .toSorted((one, other) => begin(one) - begin(other))
  const others = all.filter(({ artifactName }) => !named.has(artifactName))
  if (others.length === 0) return shown
  return [...shown, { artifactName: null, counts: Array.from({ length: stepCount }, (_, step) => sumAt(others, step)) }]
}

function countsOf(deltas: readonly Delta[], stepCount: number): number[] {
  const changes = Array.from({ length: stepCount }, () => 0)
  for (const { step, delta } of deltas) {
    const at = Math.max(0, Math.min(stepCount - 1, step))
    changes[at] = (changes[at] ?? 0) + delta
  }
  let count = 0
  return changes.map((change) => (count += change))
}

const sumAt = (versions: readonly VersionCounts[], step: number): number =>
  versions.reduce((sum, { counts }) => sum + (counts[step] ?? 0), 0)
