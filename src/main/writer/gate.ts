/** Lets work go on, wait, or end. */
export class Gate {
  #open: PromiseWithResolvers<void> | null = null
  #stopped: Error | null = null

  /** Resolves when work may go on; throws what it was stopped with. */
  async pass(): Promise<void> {
    while (this.#open && !this.#stopped) await this.#open.promise
    if (this.#stopped) throw this.#stopped
  }

  close(): void {
    this.#open ??= Promise.withResolvers()
  }

  open(): void {
    this.#open?.resolve()
    this.#open = null
  }

  stop(why: Error): void {
    this.#stopped ??= why
    this.open()
  }
}

/** A queue between who gives and who takes: unbounded, because what is given is small. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  #isEnded = false
  #failure: Error | null = null
  #wake: PromiseWithResolvers<void> = Promise.withResolvers()

  push(item: T): void {
    this.#items.push(item)
    this.#wake.resolve()
  }

  end(): void {
    this.#isEnded = true
    this.#wake.resolve()
  }

  fail(failure: Error): void {
    this.#failure ??= failure
    this.#wake.resolve()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      if (this.#failure) throw this.#failure
      const item = this.#items.shift()
      if (item !== undefined) yield item
      else if (this.#isEnded) return
      else {
        this.#wake = Promise.withResolvers()
        await this.#wake.promise
      }
    }
  }
}
