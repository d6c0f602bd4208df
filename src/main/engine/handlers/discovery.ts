import { toAppError, toWire } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'

export function discoveryHandlers(os: Operations, { discoveries }: EngineParts) {
  return {
    list: os.discovery.list.handler(async function* ({ signal }) {
      try {
        yield* discoveries.follow(signal ?? new AbortController().signal)
      } catch (thrown) {
        throw toWire(toAppError(thrown))
      }
    }),
    ignore: os.discovery.ignore.handler(({ input }) => discoveries.ignore(input.ids, input.isIgnored)),
  }
}
