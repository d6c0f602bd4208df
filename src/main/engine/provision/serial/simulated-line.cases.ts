import { AppError } from '../../../contract/errors.ts'
import { lineSettings } from '../../../contract/serial.ts'
import type { SerialLine } from './line.ts'

/** A serial port with a board that answers to what is typed, at one rate; another rate makes noise of both. */
export class SimulatedLine implements SerialLine {
  readonly path = '/dev/ttyVIRTUAL'
  readonly lost: Promise<never>
  readonly #listeners = new Set<(bytes: Uint8Array) => void>()
  readonly #boardRate: number
  readonly #answer: (typed: string) => string
  readonly #unplug: (error: AppError) => void
  readonly #lateMs: number
  readonly settings = lineSettings.parse({})
  baudRate = 0

  /** `lateMs`: how long the board takes to answer. */
  constructor(boardRate: number, answer: (typed: string) => string, lateMs = 0) {
    this.#lateMs = lateMs
    this.#boardRate = boardRate
    this.#answer = answer
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined)
    this.lost = promise
    this.#unplug = reject
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async write(bytes: Uint8Array): Promise<void> {
    const typed = Buffer.from(this.#garbled(bytes)).toString('latin1')
    const answer = Buffer.from(this.#answer(typed), 'latin1')
    const say = (): void => {
      if (answer.length > 0) for (const listener of this.#listeners) listener(this.#garbled(answer))
    }
    if (this.#lateMs === 0) setImmediate(say)
    else setTimeout(say, this.#lateMs)
  }

  async setBaudRate(baudRate: number): Promise<void> {
    this.baudRate = baudRate
  }

  async sendBreak(): Promise<void> {}

  unplug(): void {
    this.#unplug(new AppError('DEVICE_UNREACHABLE', `${this.path} went away`, 'Plug it in again.'))
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** As a UART hears another rate: other bytes, and another count of them. */
  #garbled(bytes: Uint8Array): Uint8Array {
    if (this.baudRate === this.#boardRate) return bytes
    const count = Math.max(1, Math.round((bytes.length * this.baudRate) / this.#boardRate))
    return bytes.length === 0
      ? bytes
      : Uint8Array.from({ length: count }, (_, index) => (index % 2 === 0 ? 0xff : 0x80 | (bytes[index % bytes.length] ?? 0)))
  }
}
