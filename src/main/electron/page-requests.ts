import type { PageRequest } from '../contract/desktop.ts'
import { Changes } from '../engine/lib/changes.ts'

/** What the shell asks the page to do: chosen in the menu, opened by the system, clicked in a notification. What comes before a page listens waits for it. */
export class PageRequests {
  readonly #changes = new Changes()
  #waiting: PageRequest[] = []

  ask(request: PageRequest): void {
    this.#waiting.push(request)
    this.#changes.bump()
  }

  async *follow(signal: AbortSignal | undefined): AsyncGenerator<PageRequest, void, void> {
    while (!signal?.aborted) {
      const next = this.#waiting.shift()
      if (next !== undefined) yield next
      else await this.#more(signal)
    }
  }

  #more(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#changes.onNext(resolve)
      signal?.addEventListener('abort', () => resolve(), { once: true })
    })
  }
}
