import { implement } from '@orpc/server'
import { contract } from '../contract/index.ts'
import { type AppError, toAppError, toWire } from '../contract/errors.ts'
import type { EngineParts } from './parts.ts'
import { artifactHandlers } from './handlers/artifacts.ts'
import { boardHandlers } from './handlers/boards.ts'
import { deploymentHandlers } from './handlers/deployments.ts'
import { deviceHandlers } from './handlers/devices.ts'
import { jobHandlers } from './handlers/jobs.ts'
import { keyHandlers } from './handlers/keys.ts'
import { serverHandlers } from './handlers/server.ts'

/** Contract operations with their failures turned into what crosses the wire. Handlers start from here. */
export function operations(log: (error: AppError) => void) {
  return implement(contract).use(async ({ next }) => {
    try {
      return await next()
    } catch (thrown) {
      const error = toAppError(thrown)
      if (error.code === 'INTERNAL') log(error)
      throw toWire(error)
    }
  })
}

export type Operations = ReturnType<typeof operations>

/** The whole contract, answered by an engine's parts. */
export function createRouter(parts: EngineParts) {
  const os = operations(parts.logDefect)
  return os.router({
    artifacts: artifactHandlers(os, parts),
    boards: boardHandlers(os, parts),
    deployments: deploymentHandlers(os, parts),
    devices: deviceHandlers(os, parts),
    jobs: jobHandlers(os, parts),
    keys: keyHandlers(os, parts),
    server: serverHandlers(os, parts),
  })
}

export type EngineRouter = ReturnType<typeof createRouter>
