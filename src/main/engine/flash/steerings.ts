import type { Steering } from './lane.ts'

/** The writers of lanes by the lanes' ids. One that is to be paused before it has started is paused then. */
export class Steerings {
  readonly #started = new Map<string, Steering>()
  readonly #pausing = new Set<string>()

  start(id: string, steering: Steering): void {
    this.#started.set(id, steering)
    if (this.#pausing.delete(id)) steering.pause()
  }

  pause(id: string): void {
    const steering = this.#started.get(id)
    if (steering) steering.pause()
    else this.#pausing.add(id)
  }

  continue(id: string): void {
    this.#pausing.delete(id)
    this.#started.get(id)?.continue()
  }

  end(id: string): void {
    this.#pausing.delete(id)
    this.#started.delete(id)
  }
}
