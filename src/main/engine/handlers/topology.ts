import { toAppError, toWire } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

export function topologyHandlers(os: Operations, { topologies }: EngineParts) {
  return {
    show: os.topology.show.handler(async function* ({ signal }) {
      try {
        yield* topologies.follow(signal ?? new AbortController().signal)
      } catch (thrown) {
        throw toWire(toAppError(thrown))
      }
    }),
  }
}
