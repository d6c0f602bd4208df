import { createHash } from 'node:crypto'
import { ByteReader } from './byte-reader.ts'
import { type Compression, compressionOf } from './compression.ts'
import { type Header, readHeader } from './header.ts'
import { invalid } from './invalid.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import { checkSums } from './read.ts'
import { memoryEntry, paddedSize } from './tar-header.ts'
import { type FoundEntry, TarReader } from './tar-read.ts'
import { joinBytes, tarEntry } from './tar-write.ts'
import { parseVersion } from './version.ts'

/** An artifact's file at hand: `chunks(start, end)` are its bytes [start, end), `end` being the end of the file when left out. */
export interface ArtifactBytes {
  sizeBytes: number
  chunks(start: number, end?: number): AsyncIterable<Uint8Array>
}

/** An entry before the payload: where its blocks are, and what it holds. */
export interface FrontEntry {
  entry: FoundEntry
  content: Uint8Array
  /** The byte of the artifact after its last block; the first is `entry.startsAt`. */
  endsAt: number
}

/** All that stands before data/0000.tar, checked, and where data/0000.tar is. Only this part changes with a signature or the metadata. */
export interface ArtifactFront {
  formatVersion: number
  /** The bytes [0, data.startsAt) as stored. */
  stored: Uint8Array
  manifest: FrontEntry
  sums: Manifest
  signature: FrontEntry | null
  /** header.tar as stored. */
  storedHeader: FrontEntry
  headerCompression: Compression
  header: Header
  data: FoundEntry
  dataCompression: Compression
  /** First byte of data/0000.tar's content; its tar header begins at `data.startsAt`. */
  dataStartsAt: number
}

/**
 * Reads and checks all but the payload's content: order, sums of version and header, the rules of the header, and that the file ends
 * properly where data/0000.tar does. Costs the same whatever the payload's size. ARTIFACT_INVALID names the entry and the rule.
 */
export async function readFront(artifact: ArtifactBytes, limits: Limits = DEFAULT_LIMITS): Promise<ArtifactFront> {
  const bytes = new ByteReader(artifact.chunks(0), 'artifact')
  try {
    const parts = await new FrontReader(bytes, limits).read()
    const pieces: Uint8Array[] = []
    for await (const piece of artifact.chunks(0, parts.data.startsAt)) pieces.push(piece)
    const front = { ...parts, stored: joinBytes(pieces) }
    await checkEnd(artifact, front)
    return front
  } finally {
    await bytes.close()
  }
}

class FrontReader {
  readonly #bytes: ByteReader
  readonly #tar: TarReader
  readonly #limits: Limits

  constructor(bytes: ByteReader, limits: Limits) {
    this.#bytes = bytes
    this.#limits = limits
    this.#tar = new TarReader(bytes, limits.pax)
  }

  async read(): Promise<Omit<ArtifactFront, 'stored'>> {
    const limits = this.#limits
    const version = await this.#take(await this.#expect('version'), limits.version)
    const formatVersion = parseVersion(version.content)
    const manifest = await this.#take(await this.#expect('manifest'), limits.manifest)
    const sums = parseManifest(manifest.content, 'manifest', limits.entries)
    const next = await this.#tar.next()
    const signature = next?.name === 'manifest.sig' ? await this.#take(next, limits.signature) : null
    const [headerEntry, headerCompression] = named(signature ? await this.#tar.next() : next, 'header.tar')
    const storedHeader = await this.#take(headerEntry, limits.header)
    checkSums(sums, { version: sha256(version.content), [headerEntry.name]: sha256(storedHeader.content) })
    const header = await readHeader(storedHeader.content, { formatVersion, compression: headerCompression, limits })
    const [data, dataCompression] = named(await this.#tar.next(), 'data/0000.tar')
    return {
      ...{ formatVersion, manifest, sums, signature, storedHeader, headerCompression, header, data, dataCompression },
      dataStartsAt: this.#bytes.position,
    }
  }

  async #expect(name: string): Promise<FoundEntry> {
    const entry = await this.#tar.next()
    if (entry?.name !== name) throw invalid(`artifact: ${name} is missing`)
    return entry
  }

  async #take(entry: FoundEntry, limit: number): Promise<FrontEntry> {
    const content = await this.#tar.contentWhole(limit)
    return { entry, content, endsAt: this.#bytes.position }
  }
}

function named(entry: FoundEntry | null, stem: string): [FoundEntry, Compression] {
  const compression = entry && compressionOf(entry.name, stem)
  if (!entry || !compression) throw invalid(`artifact: ${stem} is missing`)
  return [entry, compression]
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Nothing but the end of the archive may follow data/0000.tar. */
async function checkEnd({ sizeBytes, chunks }: ArtifactBytes, { dataStartsAt, data }: ArtifactFront): Promise<void> {
  const endsAt = dataStartsAt + paddedSize(data.sizeBytes)
  if (endsAt > sizeBytes) throw invalid(`artifact ends at byte ${sizeBytes}, ${endsAt - sizeBytes} bytes before the end of ${data.name}`)
  const bytes = new ByteReader(chunks(endsAt), `artifact behind ${data.name}`)
  try {
    if (await new TarReader(bytes, 0).next()) throw invalid(`artifact: an entry follows ${data.name}, where the archive ends`)
  } finally {
    await bytes.close()
  }
}

/** What of the front is new; what is left out stays byte for byte. */
export interface FrontChange {
  manifest?: Uint8Array
  /** Content of manifest.sig; null removes it. */
  signature?: string | null
  storedHeader?: Uint8Array
}

/** The bytes that take the place of [0, data.startsAt): same entries, owners, modes and times. */
export function encodeFront(front: ArtifactFront, change: FrontChange): Uint8Array {
  const { manifest, storedHeader, stored } = front
  return joinBytes([
    stored.subarray(0, manifest.entry.startsAt),
    replaced(front, manifest, change.manifest),
    ...signatureBlocks(front, change.signature),
    replaced(front, storedHeader, change.storedHeader),
  ])
}

function replaced({ stored }: ArtifactFront, { entry, endsAt }: FrontEntry, content: Uint8Array | undefined): Uint8Array {
  return content === undefined ? stored.subarray(entry.startsAt, endsAt) : tarEntry(entry, content)
}

/** A new manifest.sig has the mode that `mender-artifact sign` gives it; one that is replaced keeps its own. */
function signatureBlocks(front: ArtifactFront, content: string | null | undefined): Uint8Array[] {
  const { signature } = front
  if (content === null) return []
  if (content !== undefined) return [tarEntry(signature?.entry ?? memoryEntry('manifest.sig', 0, 0o644), new TextEncoder().encode(content))]
  return signature === null ? [] : [replaced(front, signature, undefined)]
}
