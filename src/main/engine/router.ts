import { implement } from '@orpc/server'
import { contract } from '../contract/index.ts'
import { toAppError, toWire } from '../contract/errors.ts'
import type { EngineParts } from './parts.ts'
import { artifactHandlers } from './handlers/artifacts.ts'
import { associationHandlers } from './handlers/associations.ts'
import { auditHandlers } from './handlers/audit.ts'
import { backupHandlers } from './handlers/backup.ts'
import { boardHandlers } from './handlers/boards.ts'
import { comparisonHandlers } from './handlers/comparisons.ts'
import { consoleHandlers } from './handlers/consoles.ts'
import { composeHandlers } from './handlers/compose.ts'
import { deploymentHandlers } from './handlers/deployments.ts'
import { deviceHandlers } from './handlers/devices.ts'
import { discoveryHandlers } from './handlers/discovery.ts'
import { doctorHandlers } from './handlers/doctor.ts'
import { driveHandlers } from './handlers/drives.ts'
import { flashHandlers } from './handlers/flash.ts'
import { folderHandlers } from './handlers/folders.ts'
import { groupHandlers } from './handlers/groups.ts'
import { imageHandlers } from './handlers/images.ts'
import { jobHandlers } from './handlers/jobs.ts'
import { keyHandlers } from './handlers/keys.ts'
import { openedHandlers } from './handlers/opened.ts'
import { recipeHandlers } from './handlers/recipes.ts'
import { recordingHandlers } from './handlers/recordings.ts'
import { provisionHandlers } from './handlers/provision.ts'
import { remoteHandlers } from './handlers/remote.ts'
import { serialHandlers } from './handlers/serial.ts'
import { serverHandlers } from './handlers/server.ts'
import { simulatedHandlers } from './handlers/simulated.ts'
import { stationHandlers } from './handlers/station.ts'
import { tokenHandlers } from './handlers/tokens.ts'
import { topologyHandlers } from './handlers/topology.ts'
import { userHandlers } from './handlers/users.ts'
import { webhookHandlers } from './handlers/webhooks.ts'
import { actorOf, noteOrder } from './server/audit.ts'
import { type Caller, refuseCaller } from './server/caller.ts'

/** Contract operations: what a caller may not do is refused, failures are turned into what crosses the wire, orders are noted. Handlers start from here. */
export function operations({ logDefect, store, actions }: Pick<EngineParts, 'logDefect' | 'store' | 'actions'>) {
  return implement(contract)
    .$context<Caller>()
    .use(async ({ next, context, procedure, path }, input) => {
      const { isLocal = false, isRead = false, isPart = false } = procedure['~orpc'].meta
      const note = (failure: string | null): void => {
        const { visitor = null, address = '' } = context
        if (!isRead && !isPart)
          noteOrder({ store, now: actions.now }, { ...actorOf(visitor), address, action: path.join('.'), input, failure })
      }
      try {
        refuseCaller(context, { name: path.join('.'), isRead, isLocal })
        const answer = await next()
        note(null)
        return answer
      } catch (thrown) {
        const error = toAppError(thrown)
        if (error.code === 'INTERNAL') logDefect(error)
        note(`${error.code}: ${error.message}`)
        throw toWire(error)
      }
    })
}

export type Operations = ReturnType<typeof operations>

/** The whole contract, answered by an engine's parts. */
export function createRouter(parts: EngineParts) {
  const os = operations(parts)
  const { account, ...users } = userHandlers(os, parts)
  return os.router({
    ...{ account, users },
    artifacts: artifactHandlers(os, parts),
    associations: associationHandlers(os, parts),
    audit: auditHandlers(os, parts),
    backup: backupHandlers(os, parts),
    boards: boardHandlers(os, parts),
    comparisons: comparisonHandlers(os, parts),
    compose: composeHandlers(os, parts),
    consoles: consoleHandlers(os, parts),
    deployments: deploymentHandlers(os, parts),
    devices: deviceHandlers(os, parts),
    discovery: discoveryHandlers(os, parts),
    doctor: doctorHandlers(os, parts),
    drives: driveHandlers(os, parts),
    flash: flashHandlers(os, parts),
    folders: folderHandlers(os, parts),
    groups: groupHandlers(os, parts),
    images: imageHandlers(os, parts),
    jobs: jobHandlers(os, parts),
    keys: keyHandlers(os, parts),
    opened: openedHandlers(os, parts),
    recipes: recipeHandlers(os, parts),
    recordings: recordingHandlers(os, parts),
    provision: provisionHandlers(os, parts),
    remote: remoteHandlers(os, parts),
    serial: serialHandlers(os, parts),
    server: serverHandlers(os, parts),
    simulated: simulatedHandlers(os, parts),
    station: stationHandlers(os, parts),
    tokens: tokenHandlers(os, parts),
    topology: topologyHandlers(os, parts),
    webhooks: webhookHandlers(os, parts),
  })
}

export type EngineRouter = ReturnType<typeof createRouter>
