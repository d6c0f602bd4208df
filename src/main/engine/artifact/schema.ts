import { z } from 'zod'
import { ARTIFACT_NAME_BYTES } from './limits.ts'

/** An artifact or group name as Mender's tools accept it: 1 to 256 bytes, no control characters. */
export const nameText = z
  .string()
  .min(1, 'must not be empty')
  .refine((name) => Buffer.byteLength(name) <= ARTIFACT_NAME_BYTES, `must not be longer than ${ARTIFACT_NAME_BYTES} bytes`)
  .refine((name) => !/\p{Cc}/u.test(name), 'must not contain control characters')

const texts = z.array(z.string())

/** `version`: the first entry. */
export const versionJson = z.strictObject({ format: z.literal('mender'), version: z.number().int() })

/** `header-info` of format 3. */
export const headerInfo3 = z.strictObject({
  payloads: z.array(z.strictObject({ type: z.string().min(1, 'must not be empty').nullable() })).min(1),
  artifact_provides: z.strictObject({ artifact_name: nameText, artifact_group: nameText.optional() }),
  artifact_depends: z.strictObject({
    artifact_name: texts.optional(),
    device_type: texts.min(1, 'must name a device type'),
    artifact_group: texts.optional(),
  }),
})

/** `header-info` of format 2. */
export const headerInfo2 = z.strictObject({
  artifact_name: nameText,
  updates: z.array(z.strictObject({ type: z.string().min(1, 'must not be empty') })).min(1),
  device_types_compatible: texts.min(1, 'must name a device type'),
})

/** `type-info` of format 3. The format allows lists in artifact_depends, the client does not. */
export const typeInfo3 = z.strictObject({
  type: z.string().nullable(),
  artifact_depends: z.record(z.string(), z.union([z.string(), texts])).optional(),
  artifact_provides: z.record(z.string(), z.string()).optional(),
  clears_artifact_provides: texts.optional(),
})

/** `type-info` of format 2. */
export const typeInfo2 = z.strictObject({ type: z.string() })

/** `files` of format 2. */
export const filesJson = z.strictObject({ files: texts })

export const metaDataJson = z.record(z.string(), z.unknown())
