import type { Cause, TimelineEntry } from '../../contract/devices.ts'
import { causeOf } from '../fleet/cause.ts'
import { withConsole } from '../fleet/console-lines.ts'
import type { EngineParts } from '../parts.ts'

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
  const newest = deploymentId ?? store.deviceDeployments.ofDevice(id)[0]?.deploymentId
  const noted = store.timeline.ofDevice(id, deploymentId ?? null)
  const board = boards.byMac(store.devices.get(id)?.identity['mac'])
  const lines = board ? board.machine.console.lines : await consoles.logs.lastLines(id, CONSOLE_LINES)
  const entries = withConsole(noted, lines, wanted)
  const deployment = newest === undefined ? null : store.deviceDeployments.get(newest, id)
  if (!deployment) return { entries, cause: null }
  const log = store.deviceDeployments.log(deployment.deploymentId, id)
  return { entries, cause: causeOf({ status: deployment.status, entries: noted.filter((entry) => entry.deploymentId === newest), log }) }
}

/** So many of the last lines of its consoles are joined to a timeline. */
const CONSOLE_LINES = 500
