import { z } from 'zod'
import { path } from './sizes.ts'

/** Where a secret lies: `env:NAME` of the engine's environment, `file:PATH` of its machine, `key:NAME` of its key ring. Never the secret itself. */
export const secretReference = z.string().regex(/^(env:\w{1,100}|file:.{1,1000}|key:[\w.-]{1,64})$/, 'env:NAME, file:PATH or key:NAME')
const secret = z.strictObject({ secret: secretReference })
export type Secret = z.infer<typeof secret>

const word = z.string().regex(/^[^\s=]{1,200}$/, 'a word')
const line = z.string().regex(/^[^\r\n\0]{1,200}$/, 'one line')
const onBoard = z.string().regex(/^\/[^\r\n\0]{1,1000}$/, 'an absolute path on the board')
const script = z.string().min(1).max(20_000)
const text = z
  .string()
  .max(1 << 20)
  .refine((value) => !value.includes('PRIVATE KEY-----'), 'a private key is not written here: name it with secret: file:PATH')

/** One attribute of the identity: a text, or where it is read on the board. */
const identitySource = z.union([
  line,
  z.strictObject({
    /** The MAC of this network interface; `auto` is the first wired one. */
    interface: z.string().regex(/^[\w.:-]{1,15}$/, 'a network interface, or auto'),
  }),
  /** The first line that a command on the board prints. */
  z.strictObject({ command: script }),
  z.strictObject({
    /** Numbers of a series are given once each. */
    series: word,
    /** `SN-{0000}`: the digits say how many there are at least. */
    pattern: z.string().regex(/^[^\r\n{}]*\{0{1,12}\}[^\r\n{}]*$/, 'a text with {0000} where the number stands'),
    from: z.int().min(0).default(1),
    to: z.int().min(0).max(999_999_999_999).optional(),
    /** What becomes of a number whose board failed. */
    whenFailed: z.enum(['void', 'give-again']).default('void'),
  }),
])
export type IdentitySource = z.infer<typeof identitySource>

export const deviceKeyType = z.enum(['rsa-2048', 'rsa-3072', 'rsa-4096', 'p256', 'p384', 'ed25519'])
export type DeviceKeyType = z.infer<typeof deviceKeyType>

const placedFile = z
  .strictObject({
    to: onBoard,
    /** A file beside the recipe. */
    from: path.optional(),
    text: text.optional(),
    secret: secretReference.optional(),
    mode: z
      .string()
      .regex(/^0?[0-7]{3,4}$/, 'permissions in octal digits, as "0644"')
      .default('0644'),
    owner: z
      .string()
      .regex(/^[\w.-]{1,32}:[\w.-]{1,32}$/, 'USER:GROUP')
      .default('root:root'),
  })
  .superRefine(({ from, text: given, secret: hidden }, context) => {
    if ([from, given, hidden].filter((each) => each !== undefined).length !== 1)
      context.addIssue({ code: 'custom', message: 'one of from, text and secret is needed' })
  })

const boardCommand = z.strictObject({
  run: script,
  /** It is left out when this succeeds: what makes a second run change nothing. */
  unless: script.optional(),
  /** Part of what it must print. */
  expect: z.string().max(1000).optional(),
  exitCode: z.int().min(0).max(255).default(0),
  as: z.enum(['root', 'login']).default('root'),
  /** Undoes it when a later step fails. */
  undo: script.optional(),
  /** Its standard input. */
  input: secret.optional(),
  timeoutSeconds: z.int().min(1).max(7200).default(300),
})
export type BoardCommand = z.infer<typeof boardCommand>

const check = z.strictObject({
  run: script,
  expect: z.string().max(1000).optional(),
  exitCode: z.int().min(0).max(255).default(0),
  /** It is tried again until then. */
  withinSeconds: z.int().min(0).max(600).default(0),
})
export type BoardCheck = z.infer<typeof check>

const setting = z.union([z.json(), secret])

/** What makes a board one of the fleet: a small file, version 1. Paths start at its folder. */
export const recipe = z.strictObject({
  version: z.literal(1, { error: 'this bench knows version 1' }),
  name: line.optional(),
  deviceType: word.optional(),
  /** What the board runs; `initial` where the board does not say it. */
  artifactName: word.optional(),
  /** What the server knows the board by: one attribute or several. */
  identity: z
    .record(word, identitySource)
    .refine((all) => Object.keys(all).length > 0, 'at least one attribute')
    .optional(),
  key: z
    .union([
      deviceKeyType.transform((type) => ({ type })),
      z.strictObject({ type: deviceKeyType }),
      /** A private key as PEM that is there already. */
      secret,
    ])
    .optional(),
  server: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      /** PEM file of the authority that the server's certificate hangs on. */
      ca: path.optional(),
    })
    .optional(),
  /** Further settings of mender.conf; others that it has stay. */
  menderConf: z
    .record(z.string().min(1).max(200), setting)
    .superRefine((settings, context) => {
      if (typeof settings['TenantToken'] === 'string')
        context.addIssue({ code: 'custom', path: ['TenantToken'], message: 'a token is not written here: {secret: env:NAME}' })
    })
    .default({}),
  /** How the Mender client comes to a board that has none. */
  client: z
    .strictObject({
      /** Debian packages beside the recipe; else those of this name from the board's own apt. */
      packages: z.array(path).max(50).default([]),
      apt: z
        .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]{1,100}(=\S{1,100})?$/, 'the name of a package'))
        .max(50)
        .default(['mender-client']),
    })
    .prefault({}),
  files: z.array(placedFile).max(10_000).default([]),
  commands: z.array(boardCommand).max(1000).default([]),
  services: z
    .strictObject({
      /** Started with the board from now on, and started now; again when their configuration changed. */
      enable: z
        .array(z.string().regex(/^[\w@.:-]{1,100}$/, 'the name of a service'))
        .max(100)
        .default([]),
    })
    .prefault({}),
  checks: z.array(check).max(1000).default([]),
})
export type Recipe = z.infer<typeof recipe>
