import { z } from 'zod'
import { acceptMode } from './accept-mode.ts'
import { silenceRule } from './silence.ts'
import { call, instant, live, localCall, nothing } from './operations.ts'

/** The certificate that the https address shows. */
export const serverCertificate = z.object({
  /** Of the bench's own authority; it is renewed by itself. */
  isOwn: z.boolean(),
  subject: z.string(),
  issuer: z.string(),
  /** Names and addresses that it is good for. */
  names: z.array(z.string()),
  /** SHA-256, lower hex. */
  fingerprint: z.string(),
  validFrom: instant,
  expiresAt: instant,
  /** Where one of another authority was read from. */
  certFile: z.string().nullable(),
  /** It was named when the server was started, and cannot be changed while it runs. */
  isFixed: z.boolean(),
  /** Why another one that was asked for is not shown; empty when nothing is wrong. */
  problem: z.string(),
})
export type ServerCertificate = z.infer<typeof serverCertificate>

export const serverStatus = z.object({
  state: z.enum(['stopped', 'running']),
  /** Addresses that a device on the lab network can use, https first. */
  urls: z.array(z.string()),
  http: z.string().nullable(),
  https: z.string().nullable(),
  acceptMode,
  silenceRule,
  /** The PEM file to place on devices as ServerCertificate. */
  caFile: z.string().nullable(),
  caPem: z.string().nullable(),
  /** null without https. */
  certificate: serverCertificate.nullable(),
  /** Clients have to show a certificate of the authority in this file. */
  clientCaFile: z.string().nullable(),
})
export type ServerStatus = z.infer<typeof serverStatus>

const path = z.string().min(1).max(4096)

export const server = {
  status: live(nothing, serverStatus),
  setAcceptMode: call(z.object({ acceptMode }), nothing),
  /** Counts for what falls silent from now on. */
  setSilenceRule: call(z.object({ silenceRule }), nothing),
  /** Makes a new certificate of the bench's own authority, with every address that the machine has now. CONFLICT when it shows another one. */
  renewCertificate: call(nothing, nothing),
  /** Shows a certificate of another authority (PEM files, absolute), looked at every minute; null: one of the bench's own again. */
  setCertificate: localCall(z.object({ certFile: path, keyFile: path }).nullable(), nothing),
}
