import type { Cause, TimelineEntry } from '../../contract/devices.ts'
import type { OpenBoard } from '../boards/boards.ts'
import { causeOf } from '../fleet/cause.ts'
import { withConsole } from '../fleet/console-lines.ts'
import type { EngineParts } from '../parts.ts'
import { mismatchOf } from './board-view.ts'

interface Wanted {
  id: string
  deploymentId?: string | undefined
}

/** A device's joined timeline; with a deployment named, only that, and why it ended as it did. */
export async function timelineOf(
  wanted: Wanted,
  { store, consoles, boards }: Pick<EngineParts, 'store' | 'consoles' | 'boards'>,
): Promise<{ entries: TimelineEntry[]; cause: Cause | null }> {
  const { id, deploymentId } = wanted
  const last = store.deviceDeployments.ofDevice(id)[0]?.deploymentId
  const shown = deploymentId ?? last
  const noted = store.timeline.ofDevice(id, deploymentId ?? null)
  const board = boards.byMac(store.devices.get(id)?.identity['mac'])
  const lines = board ? board.machine.console.lines : await consoles.logs.lastLines(id, CONSOLE_LINES)
  const entries = withConsole(noted, lines, wanted)
  const deployment = shown === undefined ? null : store.deviceDeployments.get(shown, id)
  if (!deployment) return { entries, cause: null }
  const log = store.deviceDeployments.log(deployment.deploymentId, id)
  const cause = causeOf({ status: deployment.status, entries: noted.filter((entry) => entry.deploymentId === shown), log })
  // What runs now matters more than how the last update went, and says nothing of those before.
  const mismatch = board && shown === last ? causeOfMismatch(board, entries, store) : null
  return { entries, cause: mismatch ?? cause }
}

/** Why a board runs what its client does not tell of: that its boot loader has started another slot. */
function causeOfMismatch(board: OpenBoard, entries: readonly TimelineEntry[], store: EngineParts['store']): Cause | null {
  const mismatch = mismatchOf(board, { store })
  if (mismatch === null) return null
  const start = 'U-Boot starts the system on partition '
  // Of a deployment, only its own starts are shown: the last of them may be another one.
  const lastStart = entries.findLast(({ text }) => text.startsWith(start))
  return {
    summary: `${mismatch.charAt(0).toUpperCase()}${mismatch.slice(1)}.`,
    remedy: 'Not the client has chosen this slot: look at mender_boot_part in the environment of U-Boot, set it back or deploy again.',
    entryId: lastStart?.text === `${start}${board.machine.evidence.partition}` ? lastStart.id : null,
  }
}

/** So many of the last lines of its consoles are joined to a timeline. */
const CONSOLE_LINES = 500
