type PortListener = (event?: { data: unknown }) => void

/** One message port of a page, carried over the channel to the parent process. The shape oRPC's message-port adapter takes. */
export class IpcPort {
  readonly #post: (data: unknown) => void
  readonly #listeners = new Map<string, PortListener[]>()

  constructor(post: (data: unknown) => void) {
    this.#post = post
  }

  on(event: string, listener: PortListener): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
  }

  postMessage(data: unknown): void {
    this.#post(data)
  }

  /** What came from the page. */
  receive(data: unknown): void {
    for (const listener of this.#listeners.get('message') ?? []) listener({ data })
  }

  /** The page went away: everything open on this port is aborted. */
  close(): void {
    for (const listener of this.#listeners.get('close') ?? []) listener()
  }
}
