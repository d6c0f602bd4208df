import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Host } from '../host.ts'
import type { Bmap } from '../image/bmap.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import type { Sums } from './witnesses.ts'

/** What is known of an image file since it was read to its end. */
export interface KnownImage {
  /** Of the stored file. */
  sums: Sums
  /** The block map against whose sums the image in it was held. */
  map: Bmap | null
}

/** What was known of a file before it was opened. */
export interface Recalled {
  sums: Sums
  /** When it was read. */
  heldAt: number | null
  /** Whether the image was held against this map. */
  hasMet(map: Bmap): boolean
  /** Keeps what has come to be known, unless the file was changed meanwhile. */
  note(known: KnownImage): Promise<void>
}

const sum = z.string().nullable().default(null)
const entry = z.object({ state: z.string(), at: z.number(), sha256: sum, sha512: sum, map: z.string().nullable() })
const entries = z.array(entry)
type Entry = z.infer<typeof entry>

const KEPT_COUNT = 50
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
    return {
      sums: { sha256: found?.sha256 ?? null, sha512: found?.sha512 ?? null },
      heldAt: found?.at ?? null,
      hasMet: (map) => found?.map === digestOf(map),
      note: ({ sums, map }) => {
        const [sha256, sha512] = [sums.sha256 ?? found?.sha256 ?? null, sums.sha512 ?? found?.sha512 ?? null]
        return this.#note(image, { state, at: found?.at ?? at, sha256, sha512, map: map ? digestOf(map) : (found?.map ?? null) })
      },
    }
  }

  /** That it could not be kept costs time, and nothing else. */
  async #note(image: string, noted: Entry): Promise<void> {
    if (noted.state === '' || (await this.#stateOf(image)) !== noted.state) return
    const all = await this.#load()
    if (all.some((each) => isDeepStrictEqual(each, noted))) return
    const kept = [noted, ...all.filter(({ state }) => state !== noted.state)].slice(0, KEPT_COUNT)
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
