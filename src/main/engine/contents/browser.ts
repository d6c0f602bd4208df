import type { InsideFile } from '../../contract/inside-files.ts'
import { limitsWith } from '../artifact/limits.ts'
import type { Clock, Files } from '../host.ts'
import { listFolder, shownFile } from './look-inside.ts'
import { type Contents, openContents } from './open-contents.ts'

export interface BrowserParts {
  files: Files
  clock: Clock
  /** For what of a compressed payload memory does not hold. */
  folder: string
  /** Where the file of an artifact lies. */
  pathOf(id: string): string
}

/** A payload stays open as long as somebody clicks from folder to folder: a compressed one is not unpacked again for each. */
const IDLE_MS = 60_000

interface Open {
  id: string
  contents: Contents & AsyncDisposable
}

/** What is in the library was let in as it is. */
const limits = limitsWith({ allowExpansion: true })

/** Looks into the payloads of artifacts for who browses them: one at a time, kept open for a while. Dispose of it in the end. */
export class PayloadBrowser implements AsyncDisposable {
  readonly #parts: BrowserParts
  #open: Open | null = null
  #turn: Promise<unknown> = Promise.resolve()
  #idle = new AbortController()

  constructor(parts: BrowserParts) {
    this.#parts = parts
  }

  /** What a folder of the payload's file system holds. BAD_INPUT where the payload is none that can be opened. */
  list(id: string, path: string): Promise<InsideFile[]> {
    return this.#in(id, (contents) => listFolder(contents, path))
  }

  /** The beginning of a file; null for what is no text. */
  text(id: string, path: string): Promise<string | null> {
    return this.#in(id, (contents) => shownFile(contents, path))
  }

  /** Lets go of an artifact's file, which is to be removed. */
  forget(id: string): Promise<void> {
    return this.#next(async () => {
      if (this.#open?.id === id) await this.#close()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#next(() => this.#close())
  }

  #in<T>(id: string, work: (contents: Contents) => Promise<T>): Promise<T> {
    return this.#next(async () => {
      this.#idle.abort()
      if (this.#open?.id !== id) {
        await this.#close()
        const { files, folder, pathOf } = this.#parts
        this.#open = { id, contents: await openContents(pathOf(id), { files, folder, limits }) }
      }
      try {
        return await work(this.#open.contents)
      } finally {
        this.#closeLater()
      }
    })
  }

  /** One after the other: nothing is closed under a reader. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  #closeLater(): void {
    const idle = new AbortController()
    this.#idle = idle
    const waited = this.#parts.clock
      .sleep(IDLE_MS, idle.signal)
      .then(() => this.#next(() => (idle.signal.aborted ? Promise.resolve() : this.#close())))
    // Aborted: somebody else has come, or it is closed.
    waited.catch(() => undefined)
  }

  async #close(): Promise<void> {
    this.#idle.abort()
    const open = this.#open
    this.#open = null
    await open?.contents[Symbol.asyncDispose]()
  }
}
