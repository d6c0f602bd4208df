import { z } from 'zod'
import { call, id, live, nothing } from './operations.ts'

/** How a board was noticed. */
export const discoveryRoad = z.enum(['serial', 'mdns', 'neighbour', 'server'])
export type DiscoveryRoad = z.infer<typeof discoveryRoad>

/** A board, by however many roads it was noticed. */
export const discoveredBoard = z.object({
  /** What it is known by, as `mac:dc:a6:32:00:00:01`: the first is its key. */
  ids: z.array(z.string()).min(1),
  name: z.string(),
  roads: z.array(z.object({ road: discoveryRoad, place: z.string(), detail: z.string() })),
  macs: z.array(z.string()),
  serialNumbers: z.array(z.string()),
  hostNames: z.array(z.string()),
  addresses: z.array(z.string()),
  /** Of the server's device that it is. */
  deviceId: id.nullable(),
  /** null where nothing says that it has an SSH server. */
  ssh: z.object({ host: z.string(), port: z.number().int() }).nullable(),
  /** Something says that it is a board; else there is a port, or an address, and nothing more. */
  isLikely: z.boolean(),
  isIgnored: z.boolean(),
})
export type DiscoveredBoard = z.infer<typeof discoveredBoard>

/** Why a road shows less than it might, and what to do about it. */
export const discoveryNote = z.object({ road: discoveryRoad, text: z.string(), remedy: z.string() })
export type DiscoveryNote = z.infer<typeof discoveryNote>

export const discovery = {
  /** What is about, and again when something comes or goes. It is looked for while somebody asks, and only then. */
  list: live(nothing, z.object({ boards: z.array(discoveredBoard), notes: z.array(discoveryNote) })),
  /** Whether the board that is known by these is left out from now on. */
  ignore: call(z.object({ ids: z.array(z.string().max(300)).min(1).max(50), isIgnored: z.boolean() }), nothing),
}
