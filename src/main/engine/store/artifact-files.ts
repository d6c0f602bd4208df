import { randomUUID } from 'node:crypto'
import { type ArtifactContent, artifactContent } from '../../contract/artifacts.ts'
import { AppError } from '../../contract/errors.ts'
import type { Files, HostFile } from '../host.ts'
import { readChunks, readThrough } from '../lib/file-streams.ts'
import { Pieces } from '../lib/pieces.ts'
import { findTwin } from './artifact-twin.ts'
import type { StoredArtifact } from './artifacts.ts'
import type { Store } from './open.ts'

/**
 * Reads a whole artifact and answers what it says of itself, with the size and SHA-256 of the file.
 * Throws ARTIFACT_INVALID for anything else than a sound artifact, EXPANSION_LIMIT for a payload that expands too far.
 */
export type ArtifactCheck = (
  chunks: AsyncIterable<Uint8Array>,
  options: ArtifactCheckOptions,
) => Promise<ArtifactContent & { sizeBytes: number; sha256: string }>

export interface ArtifactCheckOptions {
  /** The size of the whole file, where it is all there. */
  totalBytes?: number
  /** Whether the payload may expand as far as it likes. */
  allowExpansion: boolean
  signal: AbortSignal | undefined
}

export interface ArtifactFilesParts {
  files: Files
  store: Store
  /** Holds `<id>.mender` for each artifact, and `tmp` for what is on its way. */
  folder: string
  check: ArtifactCheck
  /** Whether any payload may expand as far as it likes. */
  allowExpansion?: boolean | undefined
}

/** A checked artifact on disk that nobody sees yet. Disposing of it removes it, unless it was kept. */
export interface StagedArtifact extends AsyncDisposable {
  readonly content: ArtifactContent
  /** Makes it visible under `id`, with what `beside` writes; CONFLICT when a twin of it is there (see artifact-twin.ts). */
  keep(described: { id: string; description: string; addedAt: number; isGenerated?: boolean; beside?: () => void }): Promise<StoredArtifact>
}

/** A file for work in between, in the folder for what is on its way; disposing of it removes it. */
export interface ScratchFile extends AsyncDisposable {
  readonly file: HostFile
  /** Of what was appended. */
  readonly sizeBytes: number
  append(chunk: Uint8Array): Promise<void>
}

export interface StageOptions {
  signal?: AbortSignal | undefined
  /** Whether the payload may expand as far as it likes. */
  allowExpansion?: boolean | undefined
}

export interface ArtifactFiles {
  scratch(): Promise<ScratchFile>
  /** Writes the bytes to a temporary file and checks them on the way; a failure leaves nothing behind. */
  stage(chunks: AsyncIterable<Uint8Array>, options?: StageOptions): Promise<StagedArtifact>
  path(id: string): string
  /** The bytes of an artifact's file; the file is closed when the reader ends. */
  read(id: string): AsyncGenerator<Uint8Array, void, void>
  /** The bytes [start, end) for somebody who needs each piece only until the next: however many ask, each holds one piece of memory. */
  readPart(id: string, start: number, end: number): AsyncGenerator<Uint8Array, void, void>
  /** The artifact leaves the library, then its file the disk. */
  remove(id: string): Promise<void>
}

/** A download holds so much memory. */
const PIECE_BYTES = 256 * 1024

/** Opens the folder of artifact files and clears what an interrupted run has left there. */
export async function openArtifactFiles(parts: ArtifactFilesParts): Promise<ArtifactFiles> {
  const { files, store, folder } = parts
  const path = (id: string) => `${folder}/${id}.mender`
  const pieces = new Pieces(PIECE_BYTES)
  await files.remove(`${folder}/tmp`)
  await files.makeFolder(`${folder}/tmp`)
  for (const name of await files.list(folder)) {
    const id = /^(.+)\.mender$/.exec(name)?.[1]
    if (id !== undefined && !store.artifacts.get(id)) await files.remove(path(id))
  }
  return {
    path,
    async *read(id) {
      await using file = await files.open(path(id), 'read')
      yield* readChunks(file)
    },
    async *readPart(id, start, end) {
      await using file = await files.open(path(id), 'read')
      using taken = pieces.take()
      yield* readThrough(file, taken.piece, [start, end])
    },
    scratch: () => openScratch(files, `${folder}/tmp/${randomUUID()}`),
    stage: (chunks, options) => stage(parts, { ...options, chunks, path }),
    async remove(id) {
      store.artifacts.remove(id)
      await files.remove(path(id))
    },
  }
}

async function openScratch(files: Files, path: string): Promise<ScratchFile> {
  const file = await files.open(path, 'create')
  const written = { bytes: 0 }
  return {
    file,
    get sizeBytes() {
      return written.bytes
    },
    async append(chunk) {
      await file.write(chunk, written.bytes)
      written.bytes += chunk.length
    },
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]()
      await files.remove(path)
    },
  }
}

interface Staging extends StageOptions {
  chunks: AsyncIterable<Uint8Array>
  path: (id: string) => string
}

async function stage(parts: ArtifactFilesParts, { path, ...staging }: Staging): Promise<StagedArtifact> {
  const { files, store, folder } = parts
  const staged = `${folder}/tmp/${randomUUID()}`
  try {
    await using file = await files.open(staged, 'create')
    const { sizeBytes, sha256, ...read } = await receive(parts, file, staging)
    await file.sync()
    const content = artifactContent.parse(read)
    return {
      content,
      async keep({ id, description, addedAt, isGenerated = false, beside }) {
        await files.rename(staged, path(id))
        try {
          return store.transaction(() => {
            refuseDuplicate(store, content)
            const artifact = { id, description, addedAt, isGenerated, sizeBytes, sha256, content }
            store.artifacts.add(artifact)
            beside?.()
            return { ...artifact, updatedAt: addedAt }
          })
        } catch (thrown) {
          await files.remove(path(id))
          throw thrown
        }
      },
      [Symbol.asyncDispose]: () => files.remove(staged),
    }
  } catch (thrown) {
    await files.remove(staged)
    throw thrown
  }
}

/**
 * Checks what comes while it is written. How far a payload may expand is measured by what has come of it: one that begins with more zeros
 * than that allows is checked again when all of it is there.
 */
async function receive(parts: ArtifactFilesParts, file: HostFile, { chunks, signal, ...options }: Omit<Staging, 'path'>) {
  const { check } = parts
  const allowExpansion = options.allowExpansion ?? parts.allowExpansion ?? false
  const incoming = new Incoming(chunks, file)
  try {
    return await check(incoming.written(), { allowExpansion, signal })
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== 'EXPANSION_LIMIT') throw thrown
    for await (const _ of incoming.written()) signal?.throwIfAborted()
    return await check(readChunks(file), { allowExpansion, signal, totalBytes: incoming.position })
  } finally {
    await incoming.close()
  }
}

/** Chunks on their way to a file: who stops reading them may go on later. */
class Incoming {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #file: HostFile
  position = 0

  constructor(chunks: AsyncIterable<Uint8Array>, file: HostFile) {
    this.#chunks = chunks[Symbol.asyncIterator]()
    this.#file = file
  }

  /** The chunks as they come, each written before it is handed on. */
  async *written(): AsyncGenerator<Uint8Array, void, void> {
    for (let next = await this.#chunks.next(); !next.done; next = await this.#chunks.next()) {
      await this.#file.write(next.value, this.position)
      this.position += next.value.length
      yield next.value
    }
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

function refuseDuplicate(store: Store, content: ArtifactContent): void {
  const twin = findTwin(store, content)
  if (!twin) return
  const shared = twin.content.deviceTypes.filter((type) => content.deviceTypes.includes(type))
  throw new AppError(
    'CONFLICT',
    `An artifact named ${content.name} for ${shared.join(', ')} is already in the library (${twin.id})`,
    'Write it under another artifact name, or remove the one that is there.',
  )
}
