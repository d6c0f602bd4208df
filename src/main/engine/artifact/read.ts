import { createHash } from 'node:crypto'
import type { ArtifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import { AUGMENT_HINT, augmented, augmentedManifest, readAugmentHeader } from './augment.ts'
import { ByteReader } from './byte-reader.ts'
import { type Compression, compressionOf } from './compression.ts'
import { Expansion, type ExpansionMeter } from './expansion.ts'
import { type Header, readHeader } from './header.ts'
import { invalid, quoted } from './invalid.ts'
import { DEFAULT_LIMITS, type Limits, limitsWith } from './limits.ts'
import { warningsOf } from './lint.ts'
import { type Manifest, parseManifest } from './manifest.ts'
import { type PayloadFile, type PayloadSink, readPayload } from './payload.ts'
import { type VerificationKey, verifiedBy } from './sign.ts'
import { type FoundEntry, TarReader } from './tar-read.ts'
import { parseVersion } from './version.ts'

export interface ReadOptions {
  /** Public keys to check the signature with. */
  keys?: readonly VerificationKey[]
  /** Refuse an artifact that none of `keys` has signed, before any payload is handed out. */
  requireSignature?: boolean
  /** Read an augmented artifact, with a warning, instead of refusing it as clients do. */
  allowAugmented?: boolean
  /** Called once what comes before the payload is read and checked. */
  onHeader?: (header: Header) => void
  onScript?: (name: string, content: Uint8Array) => Promise<void>
  /** Takes each payload file as it comes; the content throws at its end when its checksum is wrong. */
  onPayloadFile?: PayloadSink
  /** The size of the whole file, where it is known to be all there. */
  totalBytes?: number
  limits?: Limits
  /** Sees what compressed parts expand to. */
  meter?: ExpansionMeter
  signal?: AbortSignal | undefined
}

/** What an artifact says of itself, and the size and SHA-256 of the whole file. */
export type ReadArtifact = ArtifactContent & { sizeBytes: number; sha256: string }

/**
 * Reads and checks an artifact (format 3 or 2) in one pass over its bytes: order, checksums over the stored bytes, signature over
 * the manifest as stored, and every rule that a client would hold it to. Memory stays within the limits whatever the file says.
 * ARTIFACT_INVALID or SIGNATURE_INVALID names the entry and the rule; EXPANSION_LIMIT is a payload that `limits` do not expand. A chunk may be reused after the next is asked for; so may what
 * `onPayloadFile` gets, then.
 */
export async function readArtifact(chunks: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<ReadArtifact> {
  const whole = createHash('sha256')
  let sizeBytes = 0
  const see = (chunk: Uint8Array): void => {
    whole.update(chunk)
    sizeBytes += chunk.length
  }
  const content = await checkArtifact(observed(chunks, see), options)
  return { ...content, sizeBytes, sha256: whole.digest('hex') }
}

/** How a library reads what comes to it; `keys` are asked for at each. */
export function libraryCheck(keys: () => readonly VerificationKey[] = () => []) {
  return (chunks: AsyncIterable<Uint8Array>, { allowExpansion, ...options }: LibraryOptions): Promise<ReadArtifact> =>
    readArtifact(chunks, { ...options, keys: keys(), limits: limitsWith({ allowExpansion }) })
}

type LibraryOptions = Pick<ReadOptions, 'totalBytes' | 'signal'> & { allowExpansion: boolean }

/** The same without the size and SHA-256 of the file, which cost as much again where nothing is compressed. */
export async function checkArtifact(chunks: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<ArtifactContent> {
  const { signal } = options
  const stop = (): void => {
    if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled', '', signal.reason)
  }
  const bytes = new ByteReader(observed(chunks, stop), 'artifact')
  try {
    return await new ArtifactReader(bytes, options).read()
  } finally {
    await bytes.close()
  }
}

/** Whether an artifact is signed, and which of `keys` did: reads no further than its signature. Errors as in readArtifact. */
export async function readSignature(
  chunks: AsyncIterable<Uint8Array>,
  keys: readonly VerificationKey[],
): Promise<ArtifactContent['signature']> {
  const bytes = new ByteReader(chunks, 'artifact')
  try {
    return await new ArtifactReader(bytes, { keys }).signature()
  } finally {
    await bytes.close()
  }
}

async function* observed(chunks: AsyncIterable<Uint8Array>, see: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    see(chunk)
    yield chunk
  }
}

class ArtifactReader {
  readonly #bytes: ByteReader
  readonly #tar: TarReader
  readonly #options: ReadOptions
  readonly #limits: Limits

  constructor(bytes: ByteReader, options: ReadOptions) {
    this.#bytes = bytes
    this.#options = options
    this.#limits = options.limits ?? DEFAULT_LIMITS
    this.#tar = new TarReader(bytes, this.#limits.pax)
  }

  async read(): Promise<ArtifactContent> {
    const version = await this.#small('version', this.#limits.version)
    const formatVersion = parseVersion(version)
    const manifestBytes = await this.#small('manifest', this.#limits.manifest)
    const manifest = parseManifest(manifestBytes, 'manifest', this.#limits.entries)
    const { signature, next } = await this.#signature(manifestBytes)
    const augment = await this.#augmentManifest(next, manifest)
    const { stored, compression, name } = await this.#storedPart(augment ? await this.#tar.next() : next, 'header.tar')
    checkSums(manifest, { version: sha256(version), [name]: sha256(stored) })
    const { onScript, onHeader, meter } = this.#options
    const original = await readHeader(stored, { formatVersion, compression, limits: this.#limits, onScript, meter })
    const header = augment ? augmented(original, await this.#augmentHeader(augment.own)) : original
    onHeader?.(header)
    const payload = await this.#payload(header, augment?.all ?? manifest)
    const warnings = [...header.warnings, ...warningsOf(header, payload.files)]
    return { formatVersion, ...header, ...payload, signature, warnings }
  }

  async signature(): Promise<ArtifactContent['signature']> {
    await this.#small('version', this.#limits.version)
    const manifest = await this.#small('manifest', this.#limits.manifest)
    return (await this.#signature(manifest)).signature
  }

  async #augmentManifest(entry: FoundEntry | null, manifest: Manifest): Promise<ReturnType<typeof augmentedManifest> | null> {
    if (entry?.name !== 'manifest-augment') return null
    if (!this.#options.allowAugmented) throw invalid('artifact: it is augmented', AUGMENT_HINT)
    return augmentedManifest(manifest, await this.#tar.contentWhole(this.#limits.manifest), this.#limits.entries)
  }

  async #augmentHeader(sums: Manifest): Promise<Header> {
    const { stored, compression, name } = await this.#storedPart(await this.#tar.next(), 'header-augment.tar')
    checkSums(sums, { [name]: sha256(stored) }, 'manifest-augment')
    return readAugmentHeader(stored, { formatVersion: 3, compression, limits: this.#limits, meter: this.#options.meter })
  }

  async #small(name: string, limit: number): Promise<Uint8Array> {
    const entry = await this.#tar.next()
    if (entry?.name !== name) throw invalid(`artifact: ${name} is missing where ${place(entry)}`)
    return this.#tar.contentWhole(limit)
  }

  async #signature(manifest: Uint8Array): Promise<{ signature: ArtifactContent['signature']; next: FoundEntry | null }> {
    const { keys = [], requireSignature = false } = this.#options
    const entry = await this.#tar.next()
    const isSigned = entry?.name === 'manifest.sig'
    const by = isSigned ? verifiedBy(manifest, await this.#tar.contentWhole(this.#limits.signature), keys) : null
    if (requireSignature && by === null) throw unsigned(isSigned, keys)
    return { signature: { present: isSigned, verifiedBy: by }, next: isSigned ? await this.#tar.next() : entry }
  }

  /** A header as stored, whole: nothing in it is looked at before its checksum and the signature are known to be right. */
  async #storedPart(entry: FoundEntry | null, stem: string): Promise<{ stored: Uint8Array; compression: Compression; name: string }> {
    const compression = entry && compressionOf(entry.name, stem)
    if (!entry || !compression) throw invalid(`artifact: ${stem} is missing where ${place(entry)}`)
    return { stored: await this.#tar.contentWhole(this.#limits.header), compression, name: entry.name }
  }

  async #payload(header: Header, manifest: Manifest): Promise<{ files: PayloadFile[]; compression: Compression }> {
    const entry = await this.#tar.next()
    if (entry?.name.startsWith('header-augment')) throw invalid('artifact: it is augmented', AUGMENT_HINT)
    const compression = entry && compressionOf(entry.name, 'data/0000.tar')
    if (!entry || !compression) throw invalid(`artifact: data/0000.tar is missing where ${place(entry)}`)
    const { onPayloadFile, meter, totalBytes } = this.#options
    const limits = this.#limits
    const startsAt = this.#bytes.position
    if (totalBytes !== undefined && startsAt + entry.sizeBytes > totalBytes)
      throw invalid(`artifact ends at byte ${totalBytes}, ${startsAt + entry.sizeBytes - totalBytes} bytes before the end of ${entry.name}`)
    const expansion = new Expansion({ compression, storedBytes: entry.sizeBytes, isThere: totalBytes !== undefined, limits, meter })
    const files = await readPayload(this.#tar.content(), { startsAt, manifest, limits, expansion, onPayloadFile })
    const extra = await this.#tar.next()
    if (extra) throw invalid(`artifact: ${quoted(extra.name)} follows data/0000.tar, where the archive ends`)
    if (header.payloadType === 'rootfs-image' && files.length !== 1) {
      throw invalid(`data/0000.tar: ${files.length} files; a rootfs-image has exactly one`)
    }
    if (header.payloadType === null && files.length > 0)
      throw invalid(`data/0000.tar: ${files.length} files in a bootstrap artifact, which has none`)
    return { files, compression }
  }
}

function place(entry: FoundEntry | null): string {
  return entry ? `${quoted(entry.name)} stands, at byte ${entry.startsAt}` : 'the archive ends'
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Each of `sums` must stand in the manifest; every other line of it must be a payload file. */
export function checkSums(manifest: Manifest, sums: Readonly<Record<string, string>>, label = 'manifest'): void {
  for (const [name, sum] of Object.entries(sums)) {
    const listed = manifest.get(name)
    if (listed === undefined) throw invalid(`${label}: ${name} is not listed`)
    if (listed !== sum) throw invalid(`${name}: its checksum is ${sum}, the ${label} says ${listed}`)
  }
  const stray = [...manifest.keys()].find((name) => !(name in sums) && !/^data\/0000\/[^/]+$/.test(name))
  if (stray !== undefined) throw invalid(`${label}: ${quoted(stray)} names nothing that belongs into an artifact`)
}

function unsigned(isSigned: boolean, keys: readonly VerificationKey[]): AppError {
  if (!isSigned)
    return new AppError('SIGNATURE_INVALID', 'The artifact is not signed', 'Sign it: otabench artifact sign FILE -k PRIVATE_KEY')
  const names = keys.map(({ name }) => name).join(', ')
  return new AppError(
    'SIGNATURE_INVALID',
    `The signature was not made with ${names === '' ? 'any known key' : names}`,
    'Sign it with the right key, or verify with the key it was signed with.',
  )
}
