import { z } from 'zod'
import { call, id, live, nothing } from './operations.ts'

/** How a simulated device behaves. */
export const boardProfile = z.enum(['good', 'fails-to-boot', 'slow', 'silent'])
export type BoardProfile = z.infer<typeof boardProfile>

/** A simulated device of the virtual bench, also before it has spoken to the server. */
export const simulatedBoard = z.object({
  id,
  name: z.string(),
  profile: boardProfile,
  isRunning: z.boolean(),
  consoleLines: z.array(z.string()),
})
export type SimulatedBoard = z.infer<typeof simulatedBoard>

export const simulated = {
  list: live(nothing, z.array(simulatedBoard)),
  /** Four devices (good, fails at boot, slow network, silent) and three signed artifacts; a second call completes what is missing. */
  start: call(nothing, z.object({ jobId: id })),
  remove: call(nothing, nothing),
  setPower: call(z.object({ id, isOn: z.boolean() }), nothing),
}
