import { toAppError } from '../../contract/errors.ts'
import type { FlashView, Lane } from '../../contract/flash.ts'
import type { CliContext, EngineClient } from '../context.ts'
import type { SuspendableKeyboard } from '../suspendable-keyboard.ts'

const PAUSE = 'p'.charCodeAt(0)
/** Ctrl+C, which is a key like others while each is heard as it is pressed. */
const CANCEL = 0x03
/** Ctrl+Z. */
const SUSPEND = 0x1a
/** A writer that does not say by then that it has paused hangs in its card. */
const PAUSED_MS = 10_000

interface Steered {
  client: { flash: Pick<EngineClient['flash'], 'pause' | 'continue' | 'cancel'> }
  keyboard: SuspendableKeyboard
  out: CliContext['out']
}

/** Who sits before a flash, or sends signals to its process, pauses, continues and cancels it, until this is disposed of. */
export class FlashSteering implements Disposable {
  readonly #id: string
  readonly #client: Steered['client']
  readonly #out: CliContext['out']
  readonly #ending = new DisposableStack()
  /** Until it is taken. */
  #keyboard: SuspendableKeyboard | null
  #isPaused = false
  /** Asked for, but not heard by all lanes. */
  #asked: 'pause' | 'continue' | null = null
  /** What waits until nothing is written any more. */
  readonly #atRest = new Set<() => void>()
  #lastAsk: Promise<boolean> = Promise.resolve(true)

  constructor(id: string, { client, keyboard, out }: Steered) {
    this.#id = id
    this.#client = client
    this.#out = out
    this.#keyboard = keyboard
    this.#hearSignals()
  }

  /** How it is held up; null while it goes on. */
  get word(): 'paused' | 'pausing' | null {
    if (this.#asked !== null) return this.#asked === 'pause' ? 'pausing' : null
    return this.#isPaused ? 'paused' : null
  }

  see({ lanes }: FlashView): void {
    const open = lanes.filter(isOpen)
    this.#isPaused = open.length > 0 && open.every(({ state }) => state === 'paused')
    if (this.#isPaused === (this.#asked === 'pause')) this.#asked = null
    if (this.#isPaused || open.length === 0) for (const tell of this.#atRest) tell()
    // Not before: sudo may ask for a password on the same terminal.
    if (open.length > 0 && open.every(isBegun)) this.#takeKeyboard()
  }

  cancel(): void {
    void this.#ask('cancel')
  }

  [Symbol.dispose](): void {
    this.#ending.dispose()
  }

  #hearSignals(): void {
    const orders = { SIGUSR1: () => void this.#ask('pause'), SIGUSR2: () => void this.#ask('continue') }
    for (const name of ['SIGUSR1', 'SIGUSR2'] as const) {
      process.on(name, orders[name])
      this.#ending.defer(() => process.off(name, orders[name]))
    }
  }

  #takeKeyboard(): void {
    const keyboard = this.#keyboard
    this.#keyboard = null
    if (!keyboard?.isInFront()) return
    const closing = new AbortController()
    this.#ending.defer(() => closing.abort())
    this.#out.note('The key p pauses and continues it, Ctrl+C cancels it.')
    keyboard.setRaw(true)
    this.#ending.defer(() => keyboard.setRaw(false))
    // A terminal that is gone says so by a signal.
    void this.#obey(keyboard, closing.signal).catch(() => undefined)
  }

  async #obey(keyboard: SuspendableKeyboard, signal: AbortSignal): Promise<void> {
    for await (const keys of keyboard.input(signal))
      for (const key of keys) {
        if (key === PAUSE) void this.#ask(this.word === null ? 'pause' : 'continue')
        if (key === SUSPEND) await this.#suspend(keyboard, signal)
        if (key !== CANCEL) continue
        // The next one is a signal again.
        keyboard.setRaw(false)
        return void this.#ask('cancel')
      }
  }

  /**
   * Writers that go on alone would wait in the middle of a card for somebody who hears them: it is paused meanwhile. It waits for the pause to
   * be seen: news of it that comes when this goes on again would be taken for news of then, and turn round what the next key means.
   */
  async #suspend(keyboard: SuspendableKeyboard, signal: AbortSignal): Promise<void> {
    if (process.platform === 'win32') return
    const isHeld = this.word === null
    if (this.word !== 'paused') await this.#rest(isHeld, signal)
    if (signal.aborted) return
    await keyboard.suspend()
    if (isHeld && !signal.aborted) void this.#ask('continue')
    await keyboard.listenAgain(signal)
  }

  /** Resolves when nothing is written any more as far as is seen; `isAsking`: pauses it. */
  async #rest(isAsking: boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#atRest.add(resolve)
    try {
      if (isAsking && !(await this.#ask('pause'))) return
      AbortSignal.any([signal, AbortSignal.timeout(PAUSED_MS)]).addEventListener('abort', () => resolve(), { once: true })
      await promise
    } finally {
      this.#atRest.delete(resolve)
    }
  }

  /** One after the other: two that travel at once may arrive the other way round. A cancel waits for none. Answers whether it was heard. */
  #ask(what: 'pause' | 'continue' | 'cancel'): Promise<boolean> {
    if (what === 'cancel') return this.#order(what)
    this.#asked = what
    this.#lastAsk = this.#lastAsk.then(() => this.#order(what))
    return this.#lastAsk
  }

  async #order(what: 'pause' | 'continue' | 'cancel'): Promise<boolean> {
    try {
      await this.#client.flash[what]({ id: this.#id })
      return true
    } catch (thrown) {
      this.#out.important(toAppError(thrown).message)
      return false
    }
  }
}

/** Whether its writer runs. */
function isBegun({ phase }: Lane): boolean {
  return phase !== 'checking' && phase !== 'opening'
}

export function isOpen({ state }: Lane): boolean {
  return ['waiting', 'running', 'paused'].includes(state)
}
