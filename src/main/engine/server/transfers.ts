import { Changes } from '../lib/changes.ts'

/** How much of its artifact a device has been sent. */
export interface Transfer {
  doneBytes: number
  totalBytes: number
}

/** Bytes sent to each device in its running (or broken, to be resumed) download. In memory: after a restart the next request says more. */
export class Transfers {
  readonly changes = new Changes()
  readonly #byDevice = new Map<string, Transfer>()
  #openCount = 0
  #sentBytes = 0

  /** Downloads that are being sent. */
  get openCount(): number {
    return this.#openCount
  }

  /** Bytes of artifacts sent since the server began. */
  get sentBytes(): number {
    return this.#sentBytes
  }

  get(deviceId: string): Transfer | null {
    return this.#byDevice.get(deviceId) ?? null
  }

  /** Another `bytes` of them went to the device. */
  sent(deviceId: string, bytes: number, transfer: Transfer): void {
    this.#sentBytes += bytes
    this.#byDevice.set(deviceId, transfer)
    this.changes.bump()
  }

  /** A download's file is open; dispose of the answer when it is closed. */
  open(): Disposable {
    this.#openCount += 1
    return {
      [Symbol.dispose]: () => {
        this.#openCount -= 1
        this.changes.bump()
      },
    }
  }

  /** Resolves when no download's file is open. */
  async idle(): Promise<void> {
    while (this.#openCount > 0) await new Promise<void>((resolve) => this.changes.onNext(resolve))
  }

  /** The download is over, or taken back. */
  end(deviceId: string): void {
    if (this.#byDevice.delete(deviceId)) this.changes.bump()
  }
}
