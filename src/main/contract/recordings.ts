import { z } from 'zod'
import { call, id, instant, live, nothing } from './operations.ts'

/** What a terminal on a device showed; what was typed is in it as far as the device echoed it. */
export const recording = z.object({
  id,
  deviceId: id,
  deviceName: z.string(),
  /** Who had the terminal open, as in the audit log. */
  actor: z.string(),
  startedAt: instant,
  /** null while it goes on, and when the bench stopped before it ended. */
  endedAt: instant.nullable(),
  isRunning: z.boolean(),
  sizeBytes: z.number().int(),
  /** It was longer than what is kept of one. */
  isCut: z.boolean(),
})
export type Recording = z.infer<typeof recording>

export const recordings = {
  /** The newest first. */
  list: live(nothing, z.array(recording)),
  /** One as an asciicast file, version 2. It is noted who read it. */
  read: call(z.object({ id }), z.object({ cast: z.string() })),
  remove: call(z.object({ id }), nothing),
  isOn: live(nothing, z.boolean()),
  /** Whether terminals are recorded from now on. */
  setOn: call(z.object({ isOn: z.boolean() }), nothing),
}
