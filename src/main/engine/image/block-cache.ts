import type { EditImage } from './file-system.ts'
import { type ReadImage, badImage, bytesOf } from './image-bytes.ts'

const KEPT_BYTES = 8 * 2 ** 20
const WRITE_BYTES = 2 ** 20

/** Blocks side by side. */
interface Blocks {
  start: number
  count: number
}

/**
 * The metadata blocks of an image while it is changed. What one operation changes stands apart until it is kept, so that one that fails
 * leaves nothing behind; what was kept is written when `flush` is called. Content goes past it with `write`.
 */
export class BlockCache {
  readonly #image: EditImage
  readonly #blockSize: number
  readonly #blockCount: number
  /** Changed by the running operation. */
  readonly #changed = new Map<number, DataView>()
  /** Given back by it: what was in them is of no use any more. */
  #forgotten: Blocks[] = []
  /** Changed before, not written yet. */
  readonly #unwritten = new Map<number, DataView>()
  /** As it is in the image; those used last are at the end. */
  readonly #read = new Map<number, DataView>()

  constructor(image: EditImage, blockSize: number) {
    this.#image = image
    this.#blockSize = blockSize
    this.#blockCount = Math.floor(image.sizeBytes / blockSize)
  }

  /** The image as it is meant to be: with everything in it that was not written yet. */
  readonly read: ReadImage = async (position, length) => {
    const size = this.#blockSize
    const [first, last] = [Math.floor(position / size), Math.ceil((position + length) / size)]
    const start = position - first * size
    if (last - first === 1 && last <= this.#blockCount) {
      const view = await this.#block(first)
      return new DataView(view.buffer, view.byteOffset + start, length)
    }
    const stored = await this.#image.read(position, length)
    if (this.#changed.size + this.#unwritten.size === 0) return stored
    let whole: Uint8Array<ArrayBuffer> | null = null
    for (let block = first; block < last; block++) {
      const part = this.#changed.get(block) ?? this.#unwritten.get(block)
      if (!part) continue
      const at = block * size - position
      whole ??= new Uint8Array(bytesOf(stored))
      whole.set(bytesOf(part).subarray(Math.max(0, -at), Math.max(0, whole.length - at)), Math.max(0, at))
    }
    return whole ? new DataView(whole.buffer) : stored
  }

  /** A block to be changed. ARTIFACT_INVALID where there is none. */
  async edit(block: number): Promise<DataView> {
    const open = this.#changed.get(block)
    if (open) return open
    const copy = new DataView(new Uint8Array(bytesOf(await this.#block(block))).buffer)
    return this.#open(block, copy)
  }

  /** A block of zeros to be filled, whatever is in it. */
  fresh(block: number): DataView {
    return this.#open(block, new DataView(new ArrayBuffer(this.#blockSize)))
  }

  /** Drops what is known of blocks that were given back. */
  forget(blocks: Blocks): void {
    without(this.#changed, blocks)
    this.#forgotten.push(blocks)
  }

  /** Content, into blocks that no metadata stand in. */
  async write(block: number, bytes: Uint8Array): Promise<void> {
    const count = Math.ceil(bytes.length / this.#blockSize)
    if (block < 1 || block + count > this.#blockCount) throw badImage(`ext4: block ${block} cannot be written`)
    without(this.#read, { start: block, count })
    await this.#image.write(block * this.#blockSize, bytes)
  }

  /** The operation has succeeded. */
  keep(): void {
    for (const blocks of this.#forgotten) {
      without(this.#unwritten, blocks)
      without(this.#read, blocks)
    }
    for (const [block, view] of this.#changed) this.#unwritten.set(block, view)
    this.drop()
  }

  /** Nothing of what the running operation has changed stays. */
  drop(): void {
    this.#changed.clear()
    this.#forgotten = []
  }

  get unwrittenBytes(): number {
    return this.#unwritten.size * this.#blockSize
  }

  /** Writes what was kept, neighbours at once. */
  async flush(): Promise<void> {
    const blocks = [...this.#unwritten.keys()].toSorted((a, b) => a - b)
    const most = Math.max(1, WRITE_BYTES / this.#blockSize)
    for (let from = 0; from < blocks.length;) {
      const first = blocks[from] ?? 0
      let count = 1
      while (count < most && blocks[from + count] === first + count) count++
      const together = new Uint8Array(count * this.#blockSize)
      for (let index = 0; index < count; index++) {
        const view = this.#unwritten.get(first + index)
        if (view) together.set(bytesOf(view), index * this.#blockSize)
      }
      await this.#image.write(first * this.#blockSize, together)
      from += count
    }
    for (const [block, view] of this.#unwritten) this.#remember(block, view)
    this.#unwritten.clear()
  }

  #open(block: number, view: DataView): DataView {
    if (block < 0 || block >= this.#blockCount) throw badImage(`ext4: block ${block} lies outside the image`)
    this.#changed.set(block, view)
    return view
  }

  async #block(block: number): Promise<DataView> {
    const known = this.#changed.get(block) ?? this.#unwritten.get(block) ?? this.#read.get(block)
    if (known) return known
    if (block < 0 || block >= this.#blockCount) throw badImage(`ext4: block ${block} lies outside the image`)
    const view = await this.#image.read(block * this.#blockSize, this.#blockSize)
    if (view.byteLength < this.#blockSize) throw badImage(`ext4: the image ends before block ${block}`)
    this.#remember(block, view)
    return view
  }

  #remember(block: number, view: DataView): void {
    this.#read.delete(block)
    this.#read.set(block, view)
    const [oldest] = this.#read.keys()
    if (this.#read.size * this.#blockSize > KEPT_BYTES && oldest !== undefined) this.#read.delete(oldest)
  }
}

function without(known: Map<number, DataView>, { start, count }: Blocks): void {
  if (count < known.size) for (let block = start; block < start + count; block++) known.delete(block)
  else for (const block of known.keys()) if (block >= start && block < start + count) known.delete(block)
}
