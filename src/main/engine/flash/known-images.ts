import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Host } from '../host.ts'
import type { Bmap } from '../image/bmap.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import type { Sums } from './witnesses.ts'

const chunkSums = z.object({ ranges: z.string(), crcs: z.string() })
/** How an image is cut into chunks, as a digest, and the CRC-32 of each, as base64 of 32 bits each, the lowest byte first. */
export type KnownChunks = z.infer<typeof chunkSums>

/** What has come to be known of an image file. */
export interface Noted {
  /** Of the stored file. */
  sums?: Sums
  /** The block map against whose sums the image in it was held. */
  map?: Bmap | null
  /** Of its chunks, as cards were read back. */
  chunks?: KnownChunks
}

/** What was known of a file before it was opened. */
export interface Recalled {
  sums: Sums
  /** When it was read. */
  heldAt: number | null
  /** Whether the image was held against this map. */
  hasMet(map: Bmap): boolean
  /** Of its chunks, as a card was read back; null where no card was. */
  chunks: KnownChunks | null
  /** Keeps what has come to be known, unless the file was changed meanwhile. */
  note(noted: Noted): Promise<void>
  /** The file is another one than it was although nothing tells so: all has to be found again. */
  forget(): Promise<void>
}

const sum = z.string().nullable().default(null)
const entry = z.object({
  ...{ state: z.string(), at: z.number(), sha256: sum, sha512: sum, map: z.string().nullable() },
  chunks: chunkSums.nullable().default(null),
})
const entries = z.array(entry)
type Entry = z.infer<typeof entry>

const KEPT_COUNT = 50
/** Sums of chunks are long: those of the newest images alone are kept. */
const KEPT_SUMS_COUNT = 8
/** Storage may rot without a change of the file: each day all of it is read again. */
const KEPT_MS = 24 * 60 * 60 * 1000
/** File systems tell times apart no finer than this: a file that has just been changed may be changed again unseen. */
const COARSEST_MS = 2000

/**
 * Image files that were read to their end, and what was found: as long as nothing has changed a file, which is told by its place on the
 * disk, its size and its times, the same need not be found again for each card.
 */
export class KnownImages {
  readonly #host: Pick<Host, 'files' | 'clock'>
  readonly #path: string

  /** `path`: of the file that it is kept in. */
  constructor(host: Pick<Host, 'files' | 'clock'>, path: string) {
    this.#host = host
    this.#path = path
  }

  async recall(image: string): Promise<Recalled> {
    const at = this.#host.clock.now()
    const state = await this.#stateOf(image)
    const found = (await this.#load()).find((each) => each.state === state && at - each.at < KEPT_MS)
    let known = found ?? { state, at, sha256: null, sha512: null, map: null, chunks: null }
    return {
      ...{ sums: { sha256: known.sha256, sha512: known.sha512 }, heldAt: found?.at ?? null, chunks: known.chunks },
      hasMet: (map) => found?.map === digestOf(map),
      note: ({ sums, map, chunks }) => {
        const { sha256, sha512 } = { sha256: sums?.sha256 ?? known.sha256, sha512: sums?.sha512 ?? known.sha512 }
        known = { ...known, sha256, sha512, map: map ? digestOf(map) : known.map, chunks: chunks ?? known.chunks }
        return this.#note(image, known)
      },
      forget: async () => this.#save((await this.#load()).filter((each) => each.state !== state)),
    }
  }

  async #note(image: string, noted: Entry): Promise<void> {
    if (noted.state === '' || (await this.#stateOf(image)) !== noted.state) return
    const all = await this.#load()
    if (all.some((each) => isDeepStrictEqual(each, noted))) return
    const kept = [noted, ...all.filter(({ state }) => state !== noted.state)].slice(0, KEPT_COUNT)
    await this.#save(kept.map((each, index) => (index < KEPT_SUMS_COUNT ? each : { ...each, chunks: null })))
  }

  /** That it could not be kept costs time, and nothing else. */
  async #save(kept: readonly Entry[]): Promise<void> {
    await writeAtomic(this.#host.files, this.#path, new TextEncoder().encode(JSON.stringify(kept)), 0o600).catch(() => undefined)
  }

  async #load(): Promise<Entry[]> {
    try {
      return entries.parse(JSON.parse(new TextDecoder().decode(await readWhole(this.#host.files, this.#path))))
    } catch {
      return []
    }
  }

  /** Another one after each change of the file; empty for one that has been changed so lately that the next change might not show. */
  async #stateOf(image: string): Promise<string> {
    const { files, clock } = this.#host
    const found = await files.stat(image)
    if (found?.kind !== 'file' || clock.now() - found.changedAt < COARSEST_MS) return ''
    return [found.fileId, found.sizeBytes, found.modifiedAt, found.changedAt].join(' ')
  }
}

function digestOf(map: Bmap): string {
  return createHash('sha256').update(JSON.stringify(map)).digest('hex')
}
