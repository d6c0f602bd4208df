import type { AttemptFigures } from '../../contract/figures.ts'

interface AttemptFacts {
  retries: number
  /** Devices by the tries that have failed, and what they came to after these. */
  states: readonly { failedCount: number; state: 'succeeded' | 'failed' | 'active' | null; deviceCount: number }[]
  /** The commonest first. */
  reasons: readonly { attempt: number; why: string; deviceCount: number }[]
}

/** So many reasons are told of a try; the others are rare. */
const REASONS = 8

type Attempt = AttemptFigures['attempts'][number]

/** How many devices succeeded at which try, and why the others failed. */
export function attemptFigures({ retries, states, reasons }: AttemptFacts): AttemptFigures {
  const attempts: Attempt[] = []
  const at = (attempt: number): Attempt => {
    while (attempts.length < attempt)
      attempts.push({ attempt: attempts.length + 1, succeededCount: 0, failedCount: 0, activeCount: 0, reasons: [] })
    return attempts[attempt - 1] ?? at(attempt + 1)
  }
  for (const { failedCount, state, deviceCount } of states) {
    // A failure of which an earlier version has not counted the tries.
    const failed = state === 'failed' ? Math.max(1, failedCount) : failedCount
    for (let attempt = 1; attempt <= failed; attempt += 1) at(attempt).failedCount += deviceCount
    if (state === 'succeeded') at(failed + 1).succeededCount += deviceCount
    if (state === 'active') at(failed + 1).activeCount += deviceCount
  }
  for (const each of attempts) each.reasons = reasonsOf(each, reasons)
  return { allowedCount: retries + 1, attempts }
}

function reasonsOf({ attempt, failedCount }: Attempt, reasons: AttemptFacts['reasons']): Attempt['reasons'] {
  const known = reasons.filter((each) => each.attempt === attempt && each.why !== '').slice(0, REASONS)
  const rest = failedCount - known.reduce((sum, { deviceCount }) => sum + deviceCount, 0)
  const told = known.map(({ why, deviceCount }) => ({ why, deviceCount }))
  return rest > 0 ? [...told, { why: '', deviceCount: rest }] : told
}
