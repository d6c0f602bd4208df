import type { TimelineEntry } from '../../contract/devices.ts'

/** So long after its last entry, what a board prints still belongs to a deployment. */
const AFTER_MS = 60_000

interface Wanted {
  id: string
  deploymentId?: string | undefined
}

/**
 * A device's entries with what its consoles printed among them, by time; of a deployment, what was printed while it went on. Lines of
 * consoles are in no table: they have numbers below zero, which stay with them.
 */
export function withConsole(
  entries: readonly TimelineEntry[],
  lines: readonly { at: number; text: string }[],
  { id, deploymentId }: Wanted,
): TimelineEntry[] {
  const [first, last] = [entries[0], entries.at(-1)]
  const isWithin = (at: number) =>
    deploymentId === undefined || (first !== undefined && last !== undefined && at >= first.at && at <= last.at + AFTER_MS)
  const printed: TimelineEntry[] = []
  let [before, count] = [-1, 0]
  for (const { at, text } of lines) {
    count = at === before ? Math.min(count + 1, 999) : 0
    before = at
    if (isWithin(at))
      printed.push({
        ...{ id: -(at * 1000 + count), at, deviceId: id },
        deploymentId: deploymentId ?? null,
        lane: 'serial',
        level: 'info',
        text,
      })
  }
  return printed.length === 0 ? [...entries] : [...entries, ...printed].toSorted((a, b) => a.at - b.at)
}
