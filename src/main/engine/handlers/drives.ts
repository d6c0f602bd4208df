import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { live } from './live.ts'

export function driveHandlers(os: Operations, { drives }: EngineParts) {
  const following = live([drives.changes], (input: { hasLoops: boolean; canBePartial: boolean }) => drives.list(input))
  return {
    list: os.drives.list.handler(async function* (request) {
      using _watch = drives.watch()
      yield* following(request)
    }),
    eject: os.drives.eject.handler(({ input }) => drives.eject(input.identity)),
    createVirtual: os.drives.createVirtual.handler(({ input }) => drives.virtual.create(input)),
    setFaults: os.drives.setFaults.handler(({ input }) => drives.virtual.setFaults(input.id, input.faults)),
    removeVirtual: os.drives.removeVirtual.handler(({ input }) => drives.virtual.remove(input.id)),
  }
}
