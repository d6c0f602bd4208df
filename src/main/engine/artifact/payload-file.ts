import { AppError } from '../../contract/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { Expansion } from './expansion.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { type ArtifactBytes, type ArtifactFront } from './resign.ts'
import { invalid } from './invalid.ts'
import { type FoundEntry, TarReader } from './tar-read.ts'

/** The one file of a payload, before its content is read. Its sum is not compared with the manifest. Close it when done. */
export interface OpenPayloadFile {
  entry: FoundEntry
  /** The byte of the artifact at which its content lies as it is; null where it is compressed. */
  startsAt: number | null
  content(): AsyncGenerator<Uint8Array, void, void>
  close(): Promise<void>
}

/** The names of the payload's files, from the manifest alone. */
function payloadNames({ sums }: ArtifactFront): string[] {
  return [...sums.keys()].flatMap((name) => (name.startsWith('data/0000/') ? [name.slice('data/0000/'.length)] : []))
}

/**
 * Begins to read a payload of one file. BAD_INPUT when it has none or several, ARTIFACT_INVALID when it is damaged, EXPANSION_LIMIT when it
 * would expand further than the limits allow.
 */
export async function openPayloadFile(
  { chunks }: ArtifactBytes,
  front: ArtifactFront,
  limits: Limits = DEFAULT_LIMITS,
): Promise<OpenPayloadFile> {
  const names = payloadNames(front)
  if (names.length !== 1) {
    const message =
      names.length === 0 ? 'The artifact has no payload file' : `The artifact has ${names.length} payload files: ${names.join(', ')}`
    throw new AppError('BAD_INPUT', message, 'Only an artifact with one file system as its payload can be looked into.')
  }
  const stored = chunks(front.dataStartsAt, front.dataStartsAt + front.data.sizeBytes)
  const expansion = new Expansion({ compression: front.dataCompression, storedBytes: front.data.sizeBytes, isThere: true, limits })
  const bytes = new ByteReader(expansion.decompress(stored), 'data/0000.tar')
  try {
    const tar = new TarReader(bytes, limits.pax)
    const entry = await tar.next()
    if (!entry || entry.name !== names[0]) throw invalid(`data/0000.tar: ${names[0]} is missing, though the manifest lists it`)
    expansion.declare(bytes.position + entry.sizeBytes)
    return {
      entry,
      startsAt: expansion.isCompressed ? null : front.dataStartsAt + bytes.position,
      content: () => tar.content(),
      close: () => bytes.close(),
    }
  } catch (thrown) {
    await bytes.close()
    throw thrown
  }
}
