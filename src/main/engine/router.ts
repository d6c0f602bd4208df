import { implement } from '@orpc/server'
import { contract } from '../contract/index.ts'
import { AppError, toAppError, toWire } from '../contract/errors.ts'
import type { EngineParts } from './parts.ts'
import { artifactHandlers } from './handlers/artifacts.ts'
import { boardHandlers } from './handlers/boards.ts'
import { comparisonHandlers } from './handlers/comparisons.ts'
import { deploymentHandlers } from './handlers/deployments.ts'
import { deviceHandlers } from './handlers/devices.ts'
import { groupHandlers } from './handlers/groups.ts'
import { jobHandlers } from './handlers/jobs.ts'
import { keyHandlers } from './handlers/keys.ts'
import { serverHandlers } from './handlers/server.ts'

/** Who asks: over the network, or on this machine (the app's window, the command line). */
export interface Caller {
  isRemote?: boolean
}

/** Contract operations with their failures turned into what crosses the wire. Handlers start from here. */
export function operations(log: (error: AppError) => void) {
  return implement(contract)
    .$context<Caller>()
    .use(async ({ next, context, procedure }) => {
      try {
        if (context.isRemote && procedure['~orpc'].meta.isLocal) throw notFromAfar()
        return await next()
      } catch (thrown) {
        const error = toAppError(thrown)
        if (error.code === 'INTERNAL') log(error)
        throw toWire(error)
      }
    })
}

function notFromAfar(): AppError {
  const hint = 'Do it in the app or with otabench on that machine; files are uploaded with otabench artifacts upload.'
  return new AppError('PERMISSION', 'This names files of the machine that the engine runs on, and you ask from elsewhere', hint)
}

export type Operations = ReturnType<typeof operations>

/** The whole contract, answered by an engine's parts. */
export function createRouter(parts: EngineParts) {
  const os = operations(parts.logDefect)
  return os.router({
    artifacts: artifactHandlers(os, parts),
    boards: boardHandlers(os, parts),
    comparisons: comparisonHandlers(os, parts),
    deployments: deploymentHandlers(os, parts),
    devices: deviceHandlers(os, parts),
    groups: groupHandlers(os, parts),
    jobs: jobHandlers(os, parts),
    keys: keyHandlers(os, parts),
    server: serverHandlers(os, parts),
  })
}

export type EngineRouter = ReturnType<typeof createRouter>
