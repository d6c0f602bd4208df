import { z } from 'zod'
import { path } from './sizes.ts'

const mode = z.string().regex(/^0?[0-7]{3,4}$/, 'permissions in octal digits, as "0644"')
const ownerId = z.number().int().min(0).max(0xffff_fffe)

const seedFile = z
  .strictObject({
    /** Where it is on the running device: `/data/…`, `/uboot/…` or `/boot/efi/…`, else in both slots. */
    to: z.string().regex(/^\/./, 'an absolute path'),
    from: path.optional(),
    text: z
      .string()
      .max(1 << 20)
      .optional(),
    mode: mode.default('0644'),
    uid: ownerId.default(0),
    gid: ownerId.default(0),
  })
  .superRefine(({ from, text }, context) => {
    if ((from === undefined) === (text === undefined)) context.addIssue({ code: 'custom', message: 'either from or text is needed' })
  })

/** What makes a card one device's own. Paths are those of files of the engine's machine. */
export const seed = z.strictObject({
  /** `/data/mender/device_type` */
  deviceType: z
    .string()
    .regex(/^[^\s=]{1,200}$/, 'a word')
    .optional(),
  /** `/etc/mender/artifact_info` of both slots. */
  artifactName: z
    .string()
    .regex(/^\S{1,200}$/, 'a word')
    .optional(),
  /** `/data/mender/mender.conf`, readable by root alone. */
  menderConf: path.optional(),
  /** Further settings of mender.conf. */
  settings: z.record(z.string(), z.json()).optional(),
  /** `/data/mender/server.crt`; named in mender.conf as ServerCertificate, unless that names another. */
  ca: path.optional(),
  /** ServerURL in mender.conf. */
  serverUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** RootfsPartA and B in mender.conf: this text with the partition's number behind it, as `/dev/mmcblk0p`. */
  storage: z
    .string()
    .regex(/^\/dev\/\S{1,100}$/, 'a device without its partition, as /dev/mmcblk0p')
    .optional(),
  /** `/data/mender/mender-agent.pem`, readable by root alone. */
  deviceKey: path.optional(),
  files: z.array(seedFile).max(10_000).default([]),
})
export type Seed = z.infer<typeof seed>
