import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../../contract/errors.ts'
import { withoutEscapes } from '../../lib/terminal-text.ts'
import type { SerialLine } from './line.ts'

/** A kernel message, wherever it breaks in. */
const KERNEL = /\[ *\d+\.\d{6}\] [^\n]*\n?/g
/** Nothing that is waited for is longer. */
const KEPT_CHARACTERS = 1 << 20

/** What is said on a serial line, and what is waited for. */
export class SerialTalk implements Disposable {
  readonly line: SerialLine
  readonly #stop: () => void
  readonly #waiting = new Set<() => void>()
  readonly #decoder = new TextDecoder()
  #heard = ''

  constructor(line: SerialLine) {
    this.line = line
    this.#stop = line.onData((bytes) => {
      const text = this.#decoder.decode(bytes, { stream: true })
      this.#heard = (this.#heard + text).slice(-KEPT_CHARACTERS)
      for (const wake of this.#waiting) wake()
    })
  }

  /** What was heard since it was last forgotten, without escapes and carriage returns. */
  get heard(): string {
    return plain(this.#heard)
  }

  forget(): void {
    this.#heard = ''
  }

  async send(text: string): Promise<void> {
    await Promise.race([this.line.write(Buffer.from(text)), this.line.lost])
  }

  /** Waits until `look` finds something in what is heard; null when it does not within `ms`. Throws the signal's reason. */
  async until<T>(look: (heard: string) => T | null, ms: number, signal: AbortSignal): Promise<T | null> {
    const late = AbortSignal.timeout(Math.ceil(ms))
    for (;;) {
      signal.throwIfAborted()
      const found = look(this.heard)
      if (found !== null || late.aborted) return found
      await this.#change(AbortSignal.any([signal, late]))
    }
  }

  /** Waits until nothing has come for `quietMs`, at most `ms`. */
  async quiet(quietMs: number, ms: number, signal: AbortSignal): Promise<void> {
    const late = AbortSignal.timeout(ms)
    for (let before = -1; before !== this.#heard.length && !late.aborted;) {
      before = this.#heard.length
      const resting = sleep(quietMs, undefined, { signal }).catch((thrown: unknown) => {
        throw new AppError('CANCELLED', 'Cancelled', '', thrown)
      })
      await Promise.race([resting, this.line.lost])
    }
  }

  [Symbol.dispose](): void {
    this.#stop()
  }

  async #change(stop: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    stop.addEventListener('abort', () => resolve(), { once: true })
    try {
      if (!stop.aborted) await Promise.race([promise, this.line.lost])
    } finally {
      this.#waiting.delete(resolve)
    }
  }
}

function plain(text: string): string {
  return withoutEscapes(text).replaceAll('\r', '')
}

/** The same without what the kernel says in between. */
export function withoutKernel(text: string): string {
  return text.replace(KERNEL, '')
}
