import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type BaseIndex, indexBase } from '../artifact/delta/base-index.ts'
import { type DeltaName, type DeltaSide, deltaSpec, deltaWarnings, namedDelta } from '../artifact/delta/delta-spec.ts'
import { type PatchFigures, makePatch } from '../artifact/delta/make-patch.ts'
import type { Base } from '../artifact/delta/match-blocks.ts'
import { invalid } from '../artifact/invalid.ts'
import { DEFAULT_LIMITS, type Limits } from '../artifact/limits.ts'
import type { ComingFile } from '../artifact/payload.ts'
import { checkArtifact } from '../artifact/read.ts'
import { readFront } from '../artifact/resign.ts'
import type { ArtifactSpec, BuildStamp, ScriptSource } from '../artifact/write.ts'
import type { Files, HostFile } from '../host.ts'
import { readAhead, readChunks } from '../lib/file-streams.ts'

export type DeltaStep = 'old' | 'compare' | 'write'

/** A file with an image: a rootfs-image artifact, or the image itself. */
export interface DeltaFile {
  /** Absolute. */
  path: string
  /** What messages call it. */
  label: string
}

export interface DeltaOptions extends DeltaName {
  files: Files
  /** For the old image and the patch. It is made, and removed with what is in it. */
  folder: string
  stamp: BuildStamp
  limits?: Limits | undefined
  signal?: AbortSignal | undefined
  onProgress: (step: DeltaStep, done: number, total: number) => void
}

export interface Delta {
  name: string
  baseSha256: string
  imageSha256: string
  imageBytes: number
  sizeBytes: number
  /** Of the new artifact, or of the new image where it came as it is. */
  fullBytes: number
  figures: PatchFigures
  /** In sentences. */
  warnings: string[]
}

/**
 * Makes the artifact that turns the image of one file into that of another, and hands what is to be written to `write`, which answers
 * its size. Both artifacts are checked whole. BAD_INPUT where no delta can be meant, ARTIFACT_INVALID as in reading.
 */
export async function makeDelta(
  [fromFile, toFile]: readonly [DeltaFile, DeltaFile],
  options: DeltaOptions,
  write: (spec: ArtifactSpec) => Promise<{ sizeBytes: number }>,
): Promise<Delta> {
  const { files, folder, stamp } = options
  await using oldFile = await files.open(fromFile.path, 'read')
  await using newFile = await files.open(toFile.path, 'read')
  const from = await sideOf(oldFile, fromFile, options)
  const to = await sideOf(newFile, toFile, options)
  const named = namedDelta(from, to, options)
  await files.makeFolder(folder)
  try {
    await using kept = await files.open(join(folder, 'base'), 'create')
    await using patch = await files.open(join(folder, 'patch'), 'create')
    const base = await readBase(oldFile, from, { kept, options })
    const { figures, imageBytes, scripts } = await writePatch({ file: newFile, side: to, baseSha256: from.sha256, ...base, patch }, options)
    const patchBytes = await patch.sizeBytes()
    const spec = deltaSpec({
      ...{ from, to, named, figures, stamp, scripts, imageBytes, baseBytes: base.index.baseBytes },
      patch: { sizeBytes: patchBytes, chunks: () => readChunks(patch) },
    })
    options.onProgress('write', 0, patchBytes)
    const { sizeBytes } = await write(spec)
    options.onProgress('write', patchBytes, patchBytes)
    const fullBytes = await newFile.sizeBytes()
    const warnings = deltaWarnings(from, { sizeBytes, fullBytes })
    const facts = { name: named.name, baseSha256: from.sha256, imageSha256: figures.imageSha256, imageBytes }
    return { ...facts, sizeBytes, fullBytes, figures, warnings }
  } finally {
    await files.remove(folder)
  }
}

/** What an artifact's front says of its image, or the image's own facts. The latter are read whole for their checksum. */
async function sideOf(file: HostFile, { label }: DeltaFile, options: DeltaOptions): Promise<DeltaSide> {
  if (!(await isArtifact(file))) {
    const hash = createHash('sha256')
    for await (const chunk of stoppable(readAhead(file), options)) hash.update(chunk)
    return { label, header: null, sha256: hash.digest('hex') }
  }
  const { header, sums } = await readFront({ sizeBytes: await file.sizeBytes(), chunks: (start, end) => readChunks(file, start, end) })
  const [sha256 = ''] = [...sums].flatMap(([name, sum]) => (name.startsWith('data/') ? [sum] : []))
  return { label, header, sha256 }
}

/** An artifact is a tar whose first entry is called version. */
async function isArtifact(file: HostFile): Promise<boolean> {
  const start = new Uint8Array(512)
  await file.read(start, 0)
  const text = (from: number, to: number): string => new TextDecoder('latin1').decode(start.subarray(from, to))
  return text(0, 8) === 'version\0' && text(257, 262) === 'ustar'
}

interface BaseParts {
  index: BaseIndex
  base: Base
}

/** The old image, readable at any place: where it lies, or copied to `kept` when it is compressed. */
async function readBase(file: HostFile, side: DeltaSide, { kept, options }: { kept: HostFile; options: DeltaOptions }): Promise<BaseParts> {
  const { onProgress } = options
  const index = (chunks: AsyncIterable<Uint8Array>, sizeBytes: number, onPiece?: Parameters<typeof indexBase>[2]) =>
    indexBase(
      counted(chunks, (done) => onProgress('old', done, sizeBytes)),
      sizeBytes,
      onPiece,
    )
  if (side.header === null) return { index: await index(stoppable(readAhead(file), options), await file.sizeBytes()), base: file }
  const found: BaseParts[] = []
  await onImage(file, options, async ({ sizeBytes, startsAt }, content) => {
    if (startsAt === null) {
      found.push({ index: await index(content, sizeBytes, (piece, at) => writeSparse(kept, piece, at)), base: kept })
      await kept.truncate(sizeBytes)
    } else {
      const base = { read: (into: Uint8Array, position: number) => file.read(into, startsAt + position) }
      found.push({ index: await index(content, sizeBytes), base })
    }
  })
  const [first] = found
  if (!first) throw invalid(`${side.label} has no image`)
  return first
}

const ZEROS = new Uint8Array(1 << 20)

async function writeSparse(file: HostFile, piece: Uint8Array, position: number): Promise<void> {
  if (Buffer.compare(piece, ZEROS.subarray(0, piece.length)) !== 0) await file.write(piece, position)
}

interface PatchParts extends BaseParts {
  file: HostFile
  side: DeltaSide
  baseSha256: string
  patch: HostFile
}

interface WrittenPatch {
  figures: PatchFigures
  imageBytes: number
  scripts: ScriptSource[]
}

async function writePatch({ file, side, patch, ...parts }: PatchParts, options: DeltaOptions): Promise<WrittenPatch> {
  const found: Pick<WrittenPatch, 'figures' | 'imageBytes'>[] = []
  const scripts: ScriptSource[] = []
  const compare = async (image: AsyncIterable<Uint8Array>, imageBytes: number): Promise<void> => {
    let position = 0
    const onProgress = (done: number): void => options.onProgress('compare', done, imageBytes)
    const input = { ...parts, image, imageBytes, signal: options.signal, onProgress }
    for await (const piece of makePatch(input, (figures) => found.push({ figures, imageBytes }))) {
      await patch.write(piece, position)
      position += piece.length
    }
  }
  if (side.header === null) await compare(readAhead(file), await file.sizeBytes())
  else {
    await onImage(
      file,
      options,
      ({ sizeBytes }, content) => compare(content, sizeBytes),
      (name, content) => {
        scripts.push({ ...options.stamp, name, mode: 0o755, content })
        return Promise.resolve()
      },
    )
  }
  const [made] = found
  if (!made) throw invalid(`${side.label} has no image`)
  return { ...made, scripts }
}

/** Reads and checks an artifact whole; `take` gets its image. */
async function onImage(
  file: HostFile,
  { signal, limits = DEFAULT_LIMITS }: DeltaOptions,
  take: (file: ComingFile, content: AsyncIterable<Uint8Array>) => Promise<void>,
  onScript?: (name: string, content: Uint8Array) => Promise<void>,
): Promise<void> {
  const totalBytes = await file.sizeBytes()
  await checkArtifact(readAhead(file), { totalBytes, limits, signal, onPayloadFile: take, ...(onScript && { onScript }) })
}

async function* counted(chunks: AsyncIterable<Uint8Array>, report: (done: number) => void): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for await (const chunk of chunks) {
    done += chunk.length
    report(done)
    yield chunk
  }
}

async function* stoppable(chunks: AsyncIterable<Uint8Array>, { signal }: DeltaOptions): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    signal?.throwIfAborted()
    yield chunk
  }
}
