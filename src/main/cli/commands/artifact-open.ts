import type { ArtifactContent } from '../../contract/artifacts.ts'
import { limitsWith } from '../../engine/artifact/limits.ts'
import { type ReadOptions, checkArtifact } from '../../engine/artifact/read.ts'
import type { HostFile } from '../../engine/host.ts'
import { readAhead } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import type { ExpansionFlag } from './artifact-expansion.ts'
import { absolute } from './artifact-files.ts'
import { tokenKeys, verificationKeys } from './artifact-sign-key.ts'

type OpenOptions = Pick<ReadOptions, 'allowAugmented'> &
  ExpansionFlag & {
    /** Public key files of the command line. */
    key?: readonly string[]
    /** A public key on a token. */
    keyPkcs11?: string
    /** What the progress counts. */
    unit?: string
  }

/** Reads and checks a .mender file whole, with progress. ARTIFACT_INVALID, EXPANSION_LIMIT and SIGNATURE_INVALID as in readArtifact. */
export async function openArtifact(path: string, options: OpenOptions, context: CliContext): Promise<ArtifactContent> {
  const { host, cwd, signal } = context
  const { key = [], keyPkcs11, unit = 'checked', allowAugmented = false } = options
  const keys = [...(await verificationKeys(key, context)), ...(await tokenKeys(keyPkcs11, context))]
  await using file = await host.files.open(absolute(cwd, path), 'read')
  const chunks = await withProgress(file, unit, context)
  return await checkArtifact(chunks, {
    keys,
    signal,
    allowAugmented,
    totalBytes: await file.sizeBytes(),
    limits: limitsWith(options),
  })
}

/** The bytes of an open file, counted out to whoever watches. */
export async function withProgress(file: HostFile, unit: string, { out }: CliContext): Promise<AsyncGenerator<Uint8Array, void, void>> {
  const totalBytes = await file.sizeBytes()
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    let done = 0
    for await (const chunk of readAhead(file)) {
      done += chunk.length
      out.progress(done, totalBytes, unit)
      yield chunk
    }
  }
  return counted()
}
