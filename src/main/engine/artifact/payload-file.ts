import { AppError } from '../../contract/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { decompress } from './compression.ts'
import { DEFAULT_LIMITS } from './limits.ts'
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

/** Begins to read a payload of one file. BAD_INPUT when it has none or several, ARTIFACT_INVALID when it is damaged. */
export async function openPayloadFile({ chunks }: ArtifactBytes, front: ArtifactFront): Promise<OpenPayloadFile> {
  const names = payloadNames(front)
  if (names.length !== 1) {
    const message =
      names.length === 0 ? 'The artifact has no payload file' : `The artifact has ${names.length} payload files: ${names.join(', ')}`
    throw new AppError('BAD_INPUT', message, 'Only an artifact with one file system as its payload can be looked into.')
  }
  const stored = chunks(front.dataStartsAt, front.dataStartsAt + front.data.sizeBytes)
  const bytes = new ByteReader(decompress(stored, front.dataCompression, front.data.name), 'data/0000.tar')
  const tar = new TarReader(bytes, DEFAULT_LIMITS.pax)
  const entry = await tar.next()
  if (!entry || entry.name !== names[0]) throw invalid(`data/0000.tar: ${names[0]} is missing, though the manifest lists it`)
  return {
    entry,
    startsAt: front.dataCompression === 'none' ? front.dataStartsAt + bytes.position : null,
    content: () => tar.content(),
    close: () => bytes.close(),
  }
}
