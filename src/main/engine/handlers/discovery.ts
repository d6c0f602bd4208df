import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { streamed } from './live.ts'

export function discoveryHandlers(os: Operations, { discoveries }: EngineParts) {
  return {
    list: os.discovery.list.handler(streamed((_: unknown, signal) => discoveries.follow(signal))),
    ignore: os.discovery.ignore.handler(({ input }) => discoveries.ignore(input.ids, input.isIgnored)),
  }
}
