import type { HostFile } from '../host.ts'
import type { ReadImage } from '../image/image-bytes.ts'

const BLOCK_BYTES = 1 << 20
/** Blocks that are kept in memory: the front of an image, where most file systems have their tables. */
const KEPT_BLOCKS = 64
const ZEROS = Buffer.alloc(BLOCK_BYTES)

export interface StreamedParts {
  content: AsyncGenerator<Uint8Array, void, void>
  sizeBytes: number
  /** Makes the file that holds what memory does not. Asked for once, and closed by the image. */
  openSpill: () => Promise<HostFile>
  signal?: AbortSignal | undefined
  onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined
}

/**
 * An image that comes as a stream and can be read at any place: the stream goes on only as far as somebody reads, and what has passed
 * is kept, zeros aside, first in memory and then in a file.
 */
export class StreamedImage implements AsyncDisposable {
  readonly #parts: StreamedParts
  readonly #kept = new Map<number, Uint8Array>()
  readonly #spilled = new Set<number>()
  #spill: HostFile | null = null
  #block: Uint8Array<ArrayBuffer> = new Uint8Array(BLOCK_BYTES)
  #position = 0
  #turn: Promise<unknown> = Promise.resolve()

  readonly read: ReadImage

  constructor(parts: StreamedParts) {
    this.#parts = parts
    const read = (position: number, length: number): Promise<DataView> => {
      const reading = this.#turn.then(() => this.#read(position, length))
      this.#turn = reading.catch(() => undefined)
      return reading
    }
    this.read = Object.assign(read, { sizeBytes: parts.sizeBytes })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn
    await this.#parts.content.return()
    await this.#spill?.[Symbol.asyncDispose]()
  }

  async #read(position: number, length: number): Promise<DataView> {
    const end = Math.min(position + length, this.#parts.sizeBytes)
    const into = new Uint8Array(Math.max(0, end - position))
    await this.#advance(end)
    for (let at = position; at < end;) {
      const index = Math.floor(at / BLOCK_BYTES)
      const start = at - index * BLOCK_BYTES
      const count = Math.min(end - at, BLOCK_BYTES - start)
      const part = into.subarray(at - position, at - position + count)
      const kept = index === Math.floor(this.#position / BLOCK_BYTES) ? this.#block : this.#kept.get(index)
      if (kept) part.set(kept.subarray(start, start + count))
      else if (this.#spilled.has(index)) await this.#spill?.read(part, at)
      at += count
    }
    return new DataView(into.buffer)
  }

  /** Lets the stream go on until the bytes before `end` have come. */
  async #advance(end: number): Promise<void> {
    const { content, signal, sizeBytes, onProgress } = this.#parts
    while (this.#position < end) {
      signal?.throwIfAborted()
      const next = await content.next()
      if (next.done) return
      for (let piece = next.value; piece.length > 0;) {
        const start = this.#position % BLOCK_BYTES
        const part = piece.subarray(0, BLOCK_BYTES - start)
        this.#block.set(part, start)
        this.#position += part.length
        if (this.#position % BLOCK_BYTES === 0) await this.#keep(this.#position / BLOCK_BYTES - 1)
        piece = piece.subarray(part.length)
      }
      onProgress?.(this.#position, sizeBytes)
    }
  }

  async #keep(index: number): Promise<void> {
    if (ZEROS.equals(this.#block)) return
    if (this.#kept.size < KEPT_BLOCKS) {
      this.#kept.set(index, this.#block)
      this.#block = new Uint8Array(BLOCK_BYTES)
      return
    }
    this.#spill ??= await this.#parts.openSpill()
    await this.#spill.write(this.#block, index * BLOCK_BYTES)
    this.#spilled.add(index)
  }
}
