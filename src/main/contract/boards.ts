import { z } from 'zod'
import { call, id, live, nothing } from './operations.ts'

/** How a simulated device behaves. */
export const boardProfile = z.enum(['good', 'fails-to-boot', 'slow', 'silent'])
export type BoardProfile = z.infer<typeof boardProfile>

/** A simulated device of the virtual bench, also before it has spoken to the server. */
export const board = z.object({ id, name: z.string(), profile: boardProfile, isRunning: z.boolean(), consoleLines: z.array(z.string()) })
export type Board = z.infer<typeof board>

export const boards = {
  list: live(nothing, z.array(board)),
  /** Four devices (good, fails at boot, slow network, silent) and three signed artifacts; a second call completes what is missing. */
  startBench: call(nothing, z.object({ jobId: id })),
  removeBench: call(nothing, nothing),
  setPower: call(z.object({ id, isOn: z.boolean() }), nothing),
}
