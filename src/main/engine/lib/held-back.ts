import { AppError } from '../../contract/errors.ts'
import type { HostFile } from '../host.ts'
import type { EditImage } from '../image/file-system.ts'
import { type Range, merged } from '../image/ranges.ts'
import { readerOf } from './image-file.ts'

const PAGE_BYTES = 64 * 1024
const MAX_PAGES = 4096

/** Changes to a file that are kept in memory until `commit`: up to then the file is as it was. At most 256 MiB, then BAD_INPUT. */
export class HeldBack {
  readonly #file: HostFile
  readonly #pages = new Map<number, Uint8Array>()

  constructor(file: HostFile) {
    this.#file = file
  }

  /** The bytes [startBytes, startBytes + sizeBytes) as an image that shows what was changed. */
  part({ startBytes, sizeBytes }: { startBytes: number; sizeBytes: number }): EditImage {
    return {
      sizeBytes,
      read: (position, length) => this.#read(startBytes + position, Math.max(0, Math.min(length, sizeBytes - position))),
      write: (position, bytes) => this.#write(startBytes + position, bytes),
    }
  }

  /** Writes everything and waits until it is on the medium. Where that fails, what was written is taken back. */
  async commit(onProgress: (done: number, total: number) => void): Promise<void> {
    const total = this.#pages.size * PAGE_BYTES
    const before = new Map<number, Uint8Array>()
    try {
      for (const [page, bytes] of [...this.#pages].toSorted(([a], [b]) => a - b)) {
        before.set(page, await this.#stored(page * PAGE_BYTES))
        await this.#file.write(bytes, page * PAGE_BYTES)
        onProgress(before.size * PAGE_BYTES, total)
      }
      await this.#file.sync()
    } catch (thrown) {
      for (const [page, bytes] of before) await this.#file.write(bytes, page * PAGE_BYTES)
      throw thrown
    }
    this.#pages.clear()
  }

  /** Writes what was changed to another file instead, at the same positions, and leaves this one as it was. Answers where that is. */
  async copyTo(file: HostFile): Promise<Range[]> {
    const pages = [...this.#pages].toSorted(([a], [b]) => a - b)
    for (const [page, bytes] of pages) await file.write(bytes, page * PAGE_BYTES)
    await file.sync()
    return merged(pages.map(([page, bytes]) => ({ start: page * PAGE_BYTES, end: page * PAGE_BYTES + bytes.length })))
  }

  async #read(position: number, length: number): Promise<DataView> {
    const view = await readerOf(this.#file)(position, length)
    for (const { page, from, to } of pagesOf(position, view.byteLength)) {
      const held = this.#pages.get(page)
      const at = page * PAGE_BYTES
      if (held) new Uint8Array(view.buffer, view.byteOffset).set(held.subarray(from - at, to - at), from - position)
    }
    return view
  }

  async #write(position: number, bytes: Uint8Array): Promise<void> {
    for (const { page, from, to } of pagesOf(position, bytes.length)) {
      const at = page * PAGE_BYTES
      const held = this.#pages.get(page) ?? (await this.#stored(at))
      held.set(bytes.subarray(from - position, to - position), from - at)
      this.#pages.set(page, held)
      if (this.#pages.size > MAX_PAGES)
        throw new AppError('BAD_INPUT', 'More than 256 MiB would be changed at once', 'Compose the card with these files instead.')
    }
  }

  /** As it is; shorter where the file ends. */
  async #stored(at: number): Promise<Uint8Array> {
    const page = new Uint8Array(PAGE_BYTES)
    return page.subarray(0, await this.#file.read(page, at))
  }
}

/** The pages that bytes touch, and which of the bytes lie in each. */
function* pagesOf(position: number, length: number): Generator<{ page: number; from: number; to: number }, void, void> {
  for (let from = position; from < position + length;) {
    const page = Math.floor(from / PAGE_BYTES)
    const to = Math.min(position + length, (page + 1) * PAGE_BYTES)
    yield { page, from, to }
    from = to
  }
}
