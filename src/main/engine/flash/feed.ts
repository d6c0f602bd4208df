import { Changes } from '../lib/changes.ts'
import type { Range } from '../image/ranges.ts'

/** What of an image can be written, as it comes to be known: everybody who follows gets all of it, from the start, at their own pace. */
export class Feed {
  readonly #batches: Range[][] = []
  readonly #changes = new Changes()
  #isEnded = false
  #isTrusted = false
  #failure: Error | null = null
  /** Of all ranges so far. */
  mappedBytes = 0
  /** Of the whole image; null until it is known. */
  imageBytes: number | null = null

  /** All of them, as soon as nothing will follow; null until then. */
  get ranges(): Range[] | null {
    return this.#isEnded ? this.#batches.flat() : null
  }

  /** In order, behind those that were pushed before. */
  push(ranges: readonly Range[]): void {
    if (ranges.length === 0) return
    this.#batches.push([...ranges])
    for (const { start, end } of ranges) this.mappedBytes += end - start
    this.#changes.bump()
  }

  /** Nothing will follow: so long is the image. */
  end(imageBytes: number): void {
    this.imageBytes = imageBytes
    this.#isEnded = true
    this.#changes.bump()
  }

  /** The image is the one that it should be. */
  trust(): void {
    this.#isTrusted = true
    this.#changes.bump()
  }

  /** What is missing will not come. */
  fail(failure: Error): void {
    this.#failure ??= failure
    this.#changes.bump()
  }

  /** Resolves when the image is known to be the one that it should be, or the signal aborts. */
  async trusted(signal: AbortSignal): Promise<void> {
    while (!this.#isTrusted && !signal.aborted) {
      if (this.#failure) throw this.#failure
      await this.#next(signal)
    }
  }

  async *follow(signal: AbortSignal): AsyncGenerator<readonly Range[], void, void> {
    for (let index = 0; !signal.aborted;) {
      if (this.#failure) throw this.#failure
      const batch = this.#batches[index]
      if (batch) {
        index += 1
        yield batch
      } else if (this.#isEnded) return
      else await this.#next(signal)
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.#changes.onNext(done)
      function done(): void {
        stop()
        signal.removeEventListener('abort', done)
        resolve()
      }
      signal.addEventListener('abort', done)
    })
  }
}
