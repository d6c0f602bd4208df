import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import { streamed } from './live.ts'

export function topologyHandlers(os: Operations, { topologies }: EngineParts) {
  return { show: os.topology.show.handler(streamed((_: unknown, signal) => topologies.follow(signal))) }
}
