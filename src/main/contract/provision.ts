import { z } from 'zod'
import { call, id, instant, live, localAsk, localCall, nothing } from './operations.ts'
import { lineSettings } from './serial.ts'
import { path } from './sizes.ts'

/** Where to log in, and how. */
export const sshHop = z.strictObject({
  host: z.string().regex(/^[^-@/\s][^@/\s]{0,253}$/, 'a host name or address'),
  port: z.int().min(1).max(65_535).default(22),
  user: z.string().regex(/^[^@/\s:-][^@/\s:]{0,63}$/, 'a user'),
  /** Private keys to try, files of the engine's machine. */
  keys: z
    .array(z.strictObject({ path, passphrase: z.string().max(1000).optional() }))
    .max(10)
    .default([]),
  /** Also the keys in ~/.ssh that need no passphrase, and the ssh-agent, as ssh itself takes them. */
  hasUsualKeys: z.boolean().default(false),
  /** The socket of an ssh-agent. */
  agent: path.nullable().default(null),
  password: z.string().max(1000).nullable().default(null),
  /** The host key that is right, as `SHA256:…`; else the one that was pinned when the host was first seen. */
  hostKey: z.string().max(200).nullable().default(null),
})
export type SshLogin = z.infer<typeof sshHop>

export const plannedStep = z.object({ step: z.string(), lines: z.array(z.string()) })

/** What a recipe did on a board. */
export const provisionOutcome = z.object({
  board: z.string(),
  /** A line each; empty when all was as it should be. */
  changed: z.array(z.string()),
  unchanged: z.array(z.string()),
  identity: z.record(z.string(), z.string()),
  keyFingerprint: z.string().nullable(),
  deviceId: id.nullable(),
  /** Parts of the recipe that need a running board: of an image alone. */
  leftOut: z.array(z.string()),
})
export type ProvisionOutcome = z.infer<typeof provisionOutcome>

const pinnedHost = z.object({ place: z.string(), algorithm: z.string(), fingerprint: z.string(), seenAt: instant })

const seriesNumber = z.object({
  series: z.string(),
  number: z.number().int(),
  value: z.string(),
  /** `held`: a run is at it, or broke off. `free`: it is given again. */
  state: z.enum(['held', 'given', 'void', 'free']),
  /** MAC of the board that it was given to; empty where that had none. */
  board: z.string(),
  at: instant,
})

/** For a Debian-like board, or for a virtual one. */
const exampleKind = z.enum(['debian', 'virtual'])
export type ExampleKind = z.infer<typeof exampleKind>

const what = {
  /** Of a recipe file. */
  recipe: path,
  /** Lets the server of this bench expect the board. */
  isPreauthorized: z.boolean().default(false),
}

export const provision = {
  /** The steps of a recipe file, before it runs. BAD_INPUT with line and column. */
  plan: localAsk(z.object({ recipe: path, road: z.enum(['ssh', 'serial', 'image']) }), z.array(plannedStep)),
  /** A recipe to begin with, with the address and the CA of this bench's server. */
  example: localAsk(z.object({ kind: exampleKind.default('debian') }).prefault({}), z.object({ text: z.string() })),
  /** Carries a recipe out over SSH, through the jump hosts in front. A job of its own; `outcome` says what it came to. */
  ssh: localCall(
    z.object({ ...what, hops: z.array(sshHop).min(1).max(5), sudoPassword: z.string().max(1000).nullable().default(null) }),
    z.object({ jobId: id }),
  ),
  /** The same over a serial console. A port that is open as a console is shared with it: what is done there is seen. */
  serial: localCall(
    z.object({
      ...what,
      /** Of a port, or `board:NAME` for a virtual board. */
      path: z.string().min(1).max(4096),
      /** null: the rate is looked for. */
      baudRate: lineSettings.shape.baudRate.unwrap().nullable().default(null),
      user: sshHop.shape.user.default('root'),
      password: z.string().max(1000).nullable().default(null),
      sudoPassword: z.string().max(1000).nullable().default(null),
    }),
    z.object({ jobId: id }),
  ),
  /** Puts what needs no running board into a card image: boot, A, B, data. */
  image: localCall(z.object({ ...what, image: path }), z.object({ jobId: id })),
  /** null while the job runs, and when it failed: the job says why. */
  outcome: live(z.object({ jobId: id }), provisionOutcome.nullable()),
  hosts: live(nothing, z.array(pinnedHost)),
  /** NOT_FOUND for one that is not pinned. */
  forgetHost: call(z.object({ place: z.string().max(300) }), nothing),
  numbers: live(nothing, z.array(seriesNumber)),
}
