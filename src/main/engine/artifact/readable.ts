import { AppError, toAppError } from '../../contract/errors.ts'
import { readHeader } from './header.ts'
import { invalid } from './invalid.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { parseManifest } from './manifest.ts'

/** What stands before the payload, as it is about to be written. */
export interface NewFront {
  formatVersion: number
  /** header.tar before it is compressed. */
  header: Uint8Array
  /** How much of it is stored. */
  storedBytes: number
  manifest: Uint8Array
}

/** BAD_INPUT where readers would refuse what is about to be written: names, JSON and sizes that they do not take. */
export async function refuseUnreadable({ formatVersion, header, storedBytes, manifest }: NewFront): Promise<void> {
  try {
    if (manifest.length > DEFAULT_LIMITS.manifest)
      throw invalid(`manifest has ${manifest.length} bytes, more than the ${DEFAULT_LIMITS.manifest} that are accepted`)
    parseManifest(manifest, 'manifest', DEFAULT_LIMITS.entries)
    await readHeader(header, { formatVersion, compression: 'none', limits: DEFAULT_LIMITS })
    if (storedBytes > DEFAULT_LIMITS.header)
      throw invalid(`header.tar is stored in ${storedBytes} bytes, more than the ${DEFAULT_LIMITS.header} that are accepted`)
  } catch (thrown) {
    const { code, message } = toAppError(thrown)
    if (code !== 'ARTIFACT_INVALID') throw thrown
    throw new AppError('BAD_INPUT', `Nobody could read the artifact: ${message}`, 'Give something else there.', thrown)
  }
}
