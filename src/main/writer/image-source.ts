import { type FileHandle, open } from 'node:fs/promises'
import { WriterFailure } from './failure.ts'
import type { OpenOrder } from './protocol.ts'

/** The image as it is to be on the card: its file, and in some ranges another one at the same positions. Opened as the user who asked. */
export class ImageSource {
  readonly #image: FileHandle
  readonly #overlay: { file: FileHandle; ranges: readonly (readonly [number, number])[] } | null

  private constructor(image: FileHandle, overlay: { file: FileHandle; ranges: [number, number][] } | null) {
    this.#image = image
    this.#overlay = overlay
  }

  static async open({ source, overlay }: Pick<OpenOrder, 'source' | 'overlay'>): Promise<ImageSource> {
    const image = await openAsSource(source)
    if (overlay === null) return new ImageSource(image, null)
    try {
      return new ImageSource(image, { file: await openAsSource(overlay.source), ranges: overlay.ranges })
    } catch (thrown) {
      await image.close()
      throw thrown
    }
  }

  /** Fills all of `into`. Throws `source` where the image ends before. */
  async fill(into: Uint8Array, position: number): Promise<void> {
    const end = position + into.length
    for (const { from, to, isOverlaid } of this.#runs(position, end)) {
      const file = isOverlaid && this.#overlay ? this.#overlay.file : this.#image
      await readAll(file, into.subarray(from - position, to - position), from)
    }
  }

  async close(): Promise<void> {
    await this.#image.close()
    await this.#overlay?.file.close()
  }

  /** [position, end) cut where another file begins or ends. */
  *#runs(position: number, end: number): Generator<{ from: number; to: number; isOverlaid: boolean }, void, void> {
    let at = position
    for (const [start, stop] of this.#overlay?.ranges ?? []) {
      if (stop <= at) continue
      if (start >= end) break
      if (start > at) yield { from: at, to: start, isOverlaid: false }
      yield { from: Math.max(at, start), to: Math.min(stop, end), isOverlaid: true }
      at = Math.min(stop, end)
    }
    if (at < end) yield { from: at, to: end, isOverlaid: false }
  }
}

async function readAll(file: FileHandle, into: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at).catch((thrown: unknown) => {
      throw new WriterFailure('source', thrown instanceof Error ? thrown.message : String(thrown))
    })
    if (bytesRead === 0) throw new WriterFailure('source', `the image ends at byte ${position + at}`)
    at += bytesRead
  }
}

async function openAsSource(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (thrown) {
    throw new WriterFailure('source', thrown instanceof Error ? thrown.message : String(thrown))
  }
}
