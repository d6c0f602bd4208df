import { z } from 'zod'
import { acceptMode } from './accept-mode.ts'
import { call, instant, live, nothing } from './operations.ts'

export const serverStatus = z.object({
  state: z.enum(['stopped', 'running']),
  /** Addresses that a device on the lab network can use, https first. */
  urls: z.array(z.string()),
  http: z.string().nullable(),
  https: z.string().nullable(),
  acceptMode,
  /** The PEM file to place on devices as ServerCertificate. */
  caFile: z.string().nullable(),
  caPem: z.string().nullable(),
  certificateExpiresAt: instant.nullable(),
})
export type ServerStatus = z.infer<typeof serverStatus>

export const server = {
  status: live(nothing, serverStatus),
  setAcceptMode: call(z.object({ acceptMode }), nothing),
}
