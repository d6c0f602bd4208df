import { z } from 'zod'
import { call, id, instant, live, localCall, nothing, part, stream } from './operations.ts'

/** What goes on in a terminal on a device; bytes travel as base64. */
export const terminalEvent = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('opened'), terminalId: id }),
  z.object({ kind: z.literal('output'), data: z.string() }),
  /** `why` is empty when the shell has ended by itself. */
  z.object({ kind: z.literal('closed'), why: z.string() }),
])
export type TerminalEvent = z.infer<typeof terminalEvent>

const size = { columns: z.number().int().min(1).max(1000), rows: z.number().int().min(1).max(1000) }
const path = z.string().min(1).max(4096)

export const settings = z.record(z.string().min(1).max(4096), z.string().max(4096))

/** What a device is meant to be set to, and what it says that it is. */
export const configuration = z.object({
  configured: settings,
  reported: settings,
  configuredAt: instant.nullable(),
  reportedAt: instant.nullable(),
  /** The deployment that was to bring the configured values last. */
  deploymentId: id.nullable(),
})
export type Configuration = z.infer<typeof configuration>

/** Work on a device over the connection that its mender-connect holds. */
export const remote = {
  /** Lasts until the shell ends, or whoever reads leaves, which ends the shell. */
  terminal: stream(z.object({ deviceId: id, ...size }), terminalEvent),
  type: part(z.object({ terminalId: id, data: z.base64().max(1 << 20) }), nothing),
  resize: part(z.object({ terminalId: id, ...size }), nothing),
  pollNow: call(z.object({ deviceId: id }), nothing),
  /** Files of the engine's machine: where to, or where from. */
  getFile: localCall(z.object({ deviceId: id, path, to: path }), z.object({ jobId: id })),
  putFile: localCall(z.object({ deviceId: id, from: path, path }), z.object({ jobId: id })),
  configuration: live(z.object({ deviceId: id }), configuration),
  configure: call(z.object({ deviceId: id, values: settings }), nothing),
  deployConfiguration: call(z.object({ deviceId: id }), z.object({ id })),
}
