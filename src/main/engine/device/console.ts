import type { Changes } from '../lib/changes.ts'
import type { Clock } from '../host.ts'
import type { DeviceEvent } from './options.ts'

const KEPT_LINES = 500

type Level = DeviceEvent['level']

/** The serial console of a simulated board, and the events that go with it. */
export class BoardConsole {
  readonly #clock: Clock
  readonly #changes: Changes
  readonly #onEvent: (event: DeviceEvent) => void
  #lines: string[] = []
  #poweredAt = 0
  /** The deployment that events belong to; set while an update is under way. */
  deploymentId: string | null = null

  constructor(clock: Clock, changes: Changes, onEvent: (event: DeviceEvent) => void) {
    this.#clock = clock
    this.#changes = changes
    this.#onEvent = onEvent
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  /** The bootloader speaks; kernel time starts anew. */
  bootloader(text: string, level: Level = 'info'): void {
    this.#poweredAt = this.#clock.now()
    this.#write('boot', level, `U-Boot: ${text}`)
  }

  kernel(text: string, level: Level = 'info'): void {
    const seconds = ((this.#clock.now() - this.#poweredAt) / 1000).toFixed(3)
    this.#write('boot', level, `[${seconds.padStart(9)}] ${text}`)
  }

  client(text: string, level: Level = 'info'): void {
    this.#write('serial', level, `mender: ${text}`)
  }

  /** The power supply and the update's states show on the timeline, not on the serial line. */
  event(lane: 'power' | 'state', text: string, level: Level = 'info'): void {
    this.#onEvent({ at: this.#clock.now(), lane, level, text, deploymentId: this.deploymentId })
    this.#changes.bump()
  }

  #write(lane: 'boot' | 'serial', level: Level, text: string): void {
    this.#lines.push(text)
    if (this.#lines.length > KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES)
    this.#onEvent({ at: this.#clock.now(), lane, level, text, deploymentId: this.deploymentId })
    this.#changes.bump()
  }
}
