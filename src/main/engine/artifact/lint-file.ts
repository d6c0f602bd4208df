import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { type Compression, compressionOf } from './compression.ts'
import { Expansion } from './expansion.ts'
import { quoted } from './invalid.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { Findings, type HeaderFacts, examineHeader } from './lint-header.ts'
import { type Finding, findingsIn, findingsOf } from './lint.ts'
import { type PayloadFile, isPayloadName } from './payload.ts'
import { type ArtifactBytes, readFront } from './resign.ts'
import { versionJson } from './schema.ts'
import { type VerificationKey, verifiedBy } from './sign.ts'
import { type FoundEntry, TarReader } from './tar-read.ts'

export interface LintOptions {
  /** A client that has keys takes only what one of them has signed. */
  keys?: readonly VerificationKey[]
  limits?: Limits
  signal?: AbortSignal | undefined
}

/**
 * Everything that a client would refuse an artifact for, and what is doubtful about it, the grave first. The payload is read once,
 * what stands before it twice. Only failures to read it at all are thrown, and EXPANSION_LIMIT.
 */
export async function lintArtifact(artifact: ArtifactBytes, options: LintOptions = {}): Promise<Finding[]> {
  const findings = new Findings()
  const bytes = new ByteReader(stoppable(artifact.chunks(0), options.signal), 'artifact')
  const examiner = new Examiner(bytes, { ...options, totalBytes: artifact.sizeBytes, findings })
  try {
    await examiner.run()
  } finally {
    await bytes.close()
  }
  const strict = new Findings()
  await strict.holds(async () => {
    const { formatVersion, header } = await readFront(artifact, options.limits)
    const { files, isSound } = examiner
    if (isSound) findings.add(findingsOf({ ...header, formatVersion, files }))
  })
  // The strict reader has the last word: nothing that it refuses is called good.
  if (!findings.hasRefusal) findings.add(strict.all)
  return findings.all
}

async function* stoppable(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    if (signal?.aborted) throw new AppError('CANCELLED', 'Cancelled', '', signal.reason)
    yield chunk
  }
}

const ORDER = ['version', 'manifest', 'manifest.sig', 'header.tar', 'data/0000.tar'] as const
type Part = (typeof ORDER)[number]
const MANIFEST_LINE = /^([0-9a-f]{64}) {2}([!-~]+)$/
/** Lines of the manifest that are complained of one by one. */
const MAX_LINES = 20

interface ExaminerOptions extends LintOptions {
  /** The size of the file. */
  totalBytes: number
  findings: Findings
}

/** Goes through an artifact and on after what is wrong, as far as its frame allows. */
class Examiner {
  readonly #tar: TarReader
  readonly #options: ExaminerOptions
  readonly #findings: Findings
  readonly #limits: Limits
  readonly #seen = new Set<Part>()
  /** Names and checksums of what was found. */
  readonly #sums = new Map<string, string>()
  readonly files: Pick<PayloadFile, 'name' | 'sha256'>[] = []
  /** Whether nothing is wrong with the file as such. */
  isSound = false
  #formatVersion = 3
  #manifest: Uint8Array | null = null
  #signature: Uint8Array | null = null
  #facts: HeaderFacts | null = null

  constructor(bytes: ByteReader, options: ExaminerOptions) {
    this.#options = options
    this.#findings = options.findings
    this.#limits = options.limits ?? DEFAULT_LIMITS
    this.#tar = new TarReader(bytes, this.#limits.pax)
  }

  async run(): Promise<void> {
    const isWhole = await this.#findings.holds(() => this.#entries())
    if (isWhole)
      for (const part of ORDER) if (part !== 'manifest.sig' && !this.#seen.has(part)) this.#refuse(`artifact: ${part} is missing`)
    if (this.#manifest) this.#checkManifest(this.#manifest, isWhole)
    const facts = this.#facts
    if (facts && isWhole) this.#checkCount(facts.payloadType)
    this.isSound = !this.#findings.hasRefusal
    await this.#checkSignature()
    if (facts) this.#findings.add(findingsIn(facts, this.files))
  }

  #refuse(message: string): void {
    this.#findings.refuse(message)
  }

  async #entries(): Promise<void> {
    let reached = -1
    for (let entry = await this.#tar.next(); entry; entry = await this.#tar.next()) {
      const found = partOf(entry.name)
      if (found === null) {
        this.#refuse(strangerText(entry.name))
        continue
      }
      const rank = ORDER.indexOf(found.part)
      if (this.#seen.has(found.part)) {
        this.#refuse(`artifact: ${quoted(entry.name)} is there twice`)
        continue
      }
      if (rank < reached) this.#refuse(`artifact: ${quoted(entry.name)} stands behind what it must stand before, at byte ${entry.startsAt}`)
      reached = Math.max(reached, rank)
      this.#seen.add(found.part)
      await this.#take(entry, found)
    }
  }

  async #take(entry: FoundEntry, { part, compression }: FoundPart): Promise<void> {
    if (part === 'data/0000.tar') return this.#payload(entry, compression)
    if (part === 'header.tar') return this.#header(entry.name, compression)
    if (part === 'manifest') this.#manifest = await this.#tar.contentWhole(this.#limits.manifest)
    else if (part === 'manifest.sig') this.#signature = await this.#tar.contentWhole(this.#limits.signature)
    else this.#version(await this.#tar.contentWhole(this.#limits.version))
  }

  #version(bytes: Uint8Array): void {
    this.#sums.set('version', sha256(bytes))
    const version = this.#findings.json(bytes, versionJson, 'version')?.version
    if (version === 2 || version === 3) this.#formatVersion = version
    else if (version !== undefined) this.#refuse(`version: format version ${version} is not supported`)
  }

  async #header(name: string, compression: Compression): Promise<void> {
    const stored = await this.#tar.contentWhole(this.#limits.header)
    this.#sums.set(name, sha256(stored))
    this.#facts = await examineHeader(stored, { formatVersion: this.#formatVersion, compression, limits: this.#limits }, this.#findings)
  }

  async #payload({ startsAt, sizeBytes: storedBytes }: FoundEntry, compression: Compression): Promise<void> {
    const isThere = startsAt + storedBytes < this.#options.totalBytes
    const expansion = new Expansion({ compression, storedBytes, isThere, limits: this.#limits })
    const bytes = new ByteReader(expansion.decompress(this.#tar.content()), 'data/0000.tar')
    let total = 0
    try {
      const tar = new TarReader(bytes, this.#limits.pax)
      for (let entry = await tar.next(); entry; entry = await tar.next()) {
        total += entry.sizeBytes
        expansion.declare(bytes.position + entry.sizeBytes)
        if (total > this.#limits.payload) return this.#refuse(`data/0000.tar holds more than ${this.#limits.payload} bytes`)
        await this.#payloadFile(entry.name, tar)
      }
    } finally {
      await bytes.close()
    }
  }

  async #payloadFile(name: string, tar: TarReader): Promise<void> {
    const key = `data/0000/${name}`
    if (!isPayloadName(name)) this.#refuse(`data/0000.tar: the name ${quoted(name)} has characters other than letters, digits and .,_-`)
    if (this.#sums.has(key)) return this.#refuse(`data/0000.tar: ${quoted(name)} is there twice`)
    const hash = createHash('sha256')
    for await (const piece of tar.content()) hash.update(piece)
    const sum = hash.digest('hex')
    this.#sums.set(key, sum)
    this.files.push({ name, sha256: sum })
  }

  async #checkSignature(): Promise<void> {
    const { keys = [] } = this.#options
    const [manifest, signature] = [this.#manifest, this.#signature]
    if (!manifest) return
    if (signature === null) {
      if (keys.length > 0) this.#refuse('it is not signed; a client with a key takes only what is signed')
      return
    }
    if (signature.some((byte) => byte === 0x0a || byte === 0x0d))
      this.#refuse('manifest.sig: there is a newline in the base64, which the client does not take')
    await this.#findings.holds(async () => {
      const by = await Promise.resolve(verifiedBy(manifest, signature, keys))
      if (by === null && keys.length > 0) this.#refuse(`the signature was not made with ${keys.map(({ name }) => name).join(' or ')}`)
    })
  }

  #checkManifest(bytes: Uint8Array, isWhole: boolean): void {
    const listed = this.#manifestLines(bytes)
    for (const [name, sum] of this.#sums) {
      const expected = listed.get(name)
      if (expected === undefined) this.#refuse(`manifest: ${name} is not listed`)
      else if (expected !== sum) this.#refuse(`${name}: its checksum is ${sum}, the manifest says ${expected}`)
    }
    for (const name of listed.keys()) {
      if (this.#sums.has(name)) continue
      if (!/^data\/0000\/[^/]+$/.test(name)) this.#refuse(`manifest: ${quoted(name)} names nothing that belongs into an artifact`)
      else if (isWhole) this.#refuse(`data/0000.tar: ${quoted(name.slice('data/0000/'.length))} is missing, though the manifest lists it`)
    }
  }

  /** The sums that can be made out; lines that are not spelled right are complained of. */
  #manifestLines(bytes: Uint8Array): Map<string, string> {
    const lines = new TextDecoder('latin1').decode(bytes).split('\n')
    if (lines.pop() !== '') this.#refuse('manifest: the last line does not end with a newline')
    const listed = new Map<string, string>()
    let complaints = 0
    for (const [index, line] of lines.entries()) {
      const [, sum, name] = MANIFEST_LINE.exec(line) ?? []
      if (name !== undefined && sum !== undefined && !listed.has(name)) {
        listed.set(name, sum)
        continue
      }
      const where = `manifest, line ${index + 1}: `
      if (++complaints <= MAX_LINES)
        this.#refuse(where + (name === undefined ? `${quoted(line)} is not "SHA256  NAME"` : `${quoted(name)} is listed twice`))
    }
    return listed
  }

  #checkCount(payloadType: string | null | undefined): void {
    const count = this.files.length
    if (payloadType === 'rootfs-image' && count !== 1) this.#refuse(`data/0000.tar: ${count} files; a rootfs-image has exactly one`)
    if (payloadType === null && count > 0) this.#refuse(`data/0000.tar: ${count} files in a bootstrap artifact, which has none`)
  }
}

interface FoundPart {
  part: Part
  compression: Compression
}

function partOf(name: string): FoundPart | null {
  for (const part of ['header.tar', 'data/0000.tar'] as const) {
    const compression = compressionOf(name, part)
    if (compression) return { part, compression }
  }
  const part = ORDER.find((known) => known === name)
  return part === undefined ? null : { part, compression: 'none' }
}

function strangerText(name: string): string {
  if (name.startsWith('manifest-augment') || name.startsWith('header-augment'))
    return `artifact: it is augmented (${quoted(name)}); clients refuse that, and no signature covers it`
  if (/^data\/\d+\.tar/.test(name)) return `artifact: ${quoted(name)} is another payload; the client takes exactly one, data/0000.tar`
  return `artifact: ${quoted(name)} does not belong there`
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
