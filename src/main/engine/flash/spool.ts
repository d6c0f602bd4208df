import { setTimeout as delay } from 'node:timers/promises'
import type { Files, HostFile } from '../host.ts'
import type { ReadImage } from '../image/image-bytes.ts'
import type { Range } from '../image/ranges.ts'
import { Changes } from '../lib/changes.ts'

/** What is looked at at once for zeros, which the file leaves out. */
const GRAIN_BYTES = 64 * 1024
const ZEROS = Buffer.alloc(GRAIN_BYTES)
/** The file is made longer by so much at a time. */
const STEP_BYTES = 256 << 20
/** How often a file that a program writes is looked at. */
const LOOK_MS = 10
const PIECE_BYTES = 512 * 1024

/**
 * An image that comes as a stream, kept in a file of its own where every writer reads it at its own speed: the kernel's cache holds what was
 * just unpacked, and a slow card may lag as far behind as it has to.
 */
export class Spool implements AsyncDisposable {
  readonly path: string
  readonly #files: Files
  readonly #file: HostFile
  readonly #changes = new Changes()
  #position = 0
  #fileBytes = 0
  #isEnded = false
  #failure: Error | null = null

  private constructor(files: Files, file: HostFile) {
    this.#files = files
    this.#file = file
    this.path = file.path
  }

  static async open(files: Files, path: string): Promise<Spool> {
    return new Spool(files, await files.open(path, 'create'))
  }

  /** How much has come. */
  get position(): number {
    return this.#position
  }

  /** The next piece, which may be reused when this resolves. */
  async append(piece: Uint8Array): Promise<void> {
    const end = this.#position + piece.length
    if (end > this.#fileBytes) {
      this.#fileBytes = end + STEP_BYTES
      await this.#file.truncate(this.#fileBytes)
    }
    for (const { start, length } of filled(piece)) await this.#file.write(piece.subarray(start, start + length), this.#position + start)
    this.#position = end
    this.#changes.bump()
  }

  /** Follows what a program writes into the file, from its start on, until it has ended: it is there as far as the file goes. */
  async grow(program: Promise<unknown>, onGrown: (bytes: number) => void): Promise<void> {
    let hasEnded = false
    const end = (): void => void (hasEnded = true)
    program.then(end, end)
    for (let isLast = false; !isLast;) {
      await delay(LOOK_MS)
      isLast = hasEnded
      this.#position = await this.#file.sizeBytes()
      this.#changes.bump()
      onGrown(this.#position)
    }
    await program
  }

  end(): void {
    this.#isEnded = true
    this.#changes.bump()
  }

  fail(failure: Error): void {
    this.#failure ??= failure
    this.#changes.bump()
  }

  /** Waits for what is asked for; shorter where the image ends. */
  readonly read: ReadImage = async (position, length) => {
    const readyBytes = await this.#ready(position, length)
    const bytes = new Uint8Array(readyBytes)
    if (readyBytes > 0) await this.#file.read(bytes, position)
    return new DataView(bytes.buffer)
  }

  /** The bytes of these ranges, in order, as they come. A piece is gone when the next one is asked for. */
  async *bytesOf(ranges: readonly Range[]): AsyncGenerator<{ piece: Uint8Array; position: number }, void, void> {
    const buffer = new Uint8Array(PIECE_BYTES)
    for (const { start, end } of ranges)
      for (let position = start; position < end;) {
        const piece = buffer.subarray(0, await this.#ready(position, Math.min(PIECE_BYTES, end - position)))
        if (piece.length === 0) return
        await this.#file.read(piece, position)
        yield { piece, position }
        position += piece.length
      }
  }

  /** Waits for bytes of the image; answers how many of them there are. */
  async #ready(position: number, length: number): Promise<number> {
    while (this.#position < position + length && !this.#isEnded && this.#failure === null)
      await new Promise<void>((resolve) => this.#changes.onNext(resolve))
    if (this.#failure !== null) throw this.#failure
    return Math.max(0, Math.min(length, this.#position - position))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.fail(new Error('the image is no longer needed'))
    await this.#file[Symbol.asyncDispose]()
    await this.#files.remove(this.path)
  }
}

/** The parts of a piece that are not zeros. */
function* filled(piece: Uint8Array): Generator<{ start: number; length: number }, void, void> {
  let start = -1
  for (let at = 0; at < piece.length; at += GRAIN_BYTES) {
    const part = piece.subarray(at, at + GRAIN_BYTES)
    const isZero = ZEROS.subarray(0, part.length).equals(part)
    if (!isZero && start < 0) start = at
    if (isZero && start >= 0) {
      yield { start, length: at - start }
      start = -1
    }
  }
  if (start >= 0) yield { start, length: piece.length - start }
}
