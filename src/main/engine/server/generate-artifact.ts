import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { SINGLE_FILE_NAMES } from '../../contract/new-artifact-kinds.ts'
import { withDefaults } from '../artifact/provides.ts'
import { singleFilePayload } from '../artifact/single-file.ts'
import { type PayloadSource, writeArtifact } from '../artifact/write.ts'
import { readChunks } from '../lib/file-streams.ts'
import type { ScratchFile, StagedArtifact } from '../store/artifact-files.ts'
import type { ActionParts } from './actions.ts'
import { parseInput } from './problem.ts'

/** As with Mender. */
const MAX_FILE_BYTES = 256 * 1024 * 1024
const STAMP = { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }

const words = z
  .string()
  .transform((text) => text.split(',').flatMap((word) => word.trim() || []))
  .pipe(z.array(z.string()).min(1))
const argsText = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch {
      context.addIssue({ code: 'custom', message: 'This is not JSON' })
      return z.NEVER
    }
  })
  .pipe(
    z
      .object({
        filename: z
          .string()
          .regex(/^[\w\-.,]+$/, 'Clients refuse this file name')
          .refine((name) => !SINGLE_FILE_NAMES.includes(name), 'The module uses this name itself'),
        dest_dir: z.string().regex(/^\/[^\0\n]*$/, 'Name a folder of the device, from /'),
      })
      .transform(({ filename, dest_dir: destination }) => ({ filename, destination })),
  )

/** The text fields of a request to generate, as the API names them. */
const fieldsBody = z
  .object({
    name: z.string().min(1).max(256),
    description: z.string().default(''),
    device_types_compatible: words,
    type: z.enum(['single_file', 'single-file']),
    args: argsText,
  })
  .transform(({ device_types_compatible: deviceTypes, ...rest }) => ({ ...rest, deviceTypes }))

/** Writes what is uploaded to a scratch file; BAD_INPUT above the limit. */
export async function receiveRaw({ artifactFiles }: ActionParts, chunks: AsyncIterable<Uint8Array>): Promise<ScratchFile> {
  const scratch = await artifactFiles.scratch()
  try {
    for await (const chunk of chunks) {
      if (scratch.sizeBytes + chunk.length > MAX_FILE_BYTES)
        throw new AppError(
          'BAD_INPUT',
          `The file is larger than ${MAX_FILE_BYTES} bytes`,
          'Write the artifact with otabench artifact write.',
        )
      await scratch.append(chunk)
    }
    return scratch
  } catch (thrown) {
    await scratch[Symbol.asyncDispose]()
    throw thrown
  }
}

/** An artifact of the update module single-file out of an uploaded file and the fields that came with it; not yet in the library. */
export async function generateArtifact(
  { artifactFiles }: ActionParts,
  { raw, fields }: { raw: ScratchFile; fields: ReadonlyMap<string, string> },
): Promise<{ staged: StagedArtifact; description: string }> {
  const { name, description, deviceTypes, args } = parseInput(fieldsBody, Object.fromEntries(fields))
  const file: PayloadSource = { ...STAMP, name: args.filename, sizeBytes: raw.sizeBytes, mode: 0o644, chunks: () => readChunks(raw.file) }
  const kind = 'single-file'
  await using written = await artifactFiles.scratch()
  await writeArtifact(
    {
      ...{ name, deviceTypes, depends: {}, compression: 'none', payloadType: kind, checksumProvide: null },
      ...{ group: null, dependsNames: [], dependsGroups: [], metaData: null, scripts: [] },
      ...withDefaults({
        ...{ payloadType: kind, artifactName: name, provides: {}, clearsProvides: [] },
        ...{ hasDefaultSoftwareVersion: true, hasDefaultClearsProvides: true },
      }),
      files: singleFilePayload(file, { destination: args.destination, stamp: STAMP }),
    },
    written.file,
    { stamp: STAMP },
  )
  return { staged: await artifactFiles.stage(readChunks(written.file), { allowExpansion: true }), description }
}
