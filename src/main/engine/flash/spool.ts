import type { Files, HostFile } from '../host.ts'
import type { ReadImage } from '../image/image-bytes.ts'
import { Changes } from '../lib/changes.ts'

/** What is looked at at once for zeros, which the file leaves out. */
const GRAIN_BYTES = 64 * 1024
const ZEROS = Buffer.alloc(GRAIN_BYTES)
/** The file is made longer by so much at a time. */
const STEP_BYTES = 256 << 20

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
    while (this.#position < position + length && !this.#isEnded && this.#failure === null)
      await new Promise<void>((resolve) => this.#changes.onNext(resolve))
    if (this.#failure !== null) throw this.#failure
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.#position - position)))
    if (bytes.length > 0) await this.#file.read(bytes, position)
    return new DataView(bytes.buffer)
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
