import { z } from 'zod'
import { id, live, nothing } from './operations.ts'

/**
 * What a thing is that others hang on, or that hangs on others. `adapter`: a USB device that brings ports, drives or both. `board`: one that was
 * noticed, and is no device of the server.
 */
export const placeKind = z.enum(['usb', 'hub', 'adapter', 'ports', 'serial', 'drives', 'drive', 'network', 'board', 'virtual', 'unknown'])
export type PlaceKind = z.infer<typeof placeKind>

export const topologyPlace = z.object({
  /** Stays the same while it is there. */
  id: z.string(),
  /** On what it hangs; null for what is the machine's own. */
  parentId: z.string().nullable(),
  kind: placeKind,
  name: z.string(),
  /** In words: the socket, the interface. */
  detail: z.string(),
  /** Of a drive with a medium. */
  sizeBytes: z.number().nullable(),
  isVirtual: z.boolean(),
  /** The devices that are right there: each device is at one place at most. */
  deviceIds: z.array(id),
  /** Of a serial port without device, and of a noticed board: its first id in `discovery.list`. */
  boardId: z.string().nullable(),
})
export type TopologyPlace = z.infer<typeof topologyPlace>

export const topology = {
  /** What hangs where, each place before those on it; again when something comes or goes. Looked for only while somebody asks. */
  show: live(nothing, z.array(topologyPlace)),
}
