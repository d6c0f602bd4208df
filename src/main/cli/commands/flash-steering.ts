import { toAppError } from '../../contract/errors.ts'
import type { FlashView, Lane } from '../../contract/flash.ts'
import type { CliContext, EngineClient } from '../context.ts'
import type { SuspendableKeyboard } from '../suspendable-keyboard.ts'

const PAUSE = 'p'.charCodeAt(0)
/** Ctrl+C, which is a key like others while each is heard as it is pressed. */
const CANCEL = 0x03
/** Ctrl+Z. */
const SUSPEND = 0x1a

interface Steered {
  client: EngineClient
  keyboard: SuspendableKeyboard
  out: CliContext['out']
}

/** Who sits before a flash, or sends signals to its process, pauses, continues and cancels it, until this is disposed of. */
export class FlashSteering implements Disposable {
  readonly #id: string
  readonly #client: EngineClient
  readonly #out: CliContext['out']
  readonly #ending = new DisposableStack()
  /** Until it is taken. */
  #keyboard: SuspendableKeyboard | null
  #isPaused = false
  /** Asked for, but not heard by all lanes. */
  #asked: 'pause' | 'continue' | null = null

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

  /** Writers that go on alone would wait in the middle of a card for somebody who hears them: it is paused meanwhile. */
  async #suspend(keyboard: SuspendableKeyboard, signal: AbortSignal): Promise<void> {
    if (process.platform === 'win32') return
    const isHeld = this.word === null
    if (isHeld) await this.#ask('pause')
    await keyboard.suspend()
    if (isHeld) void this.#ask('continue')
    await keyboard.listenAgain(signal)
  }

  async #ask(what: 'pause' | 'continue' | 'cancel'): Promise<void> {
    if (what !== 'cancel') this.#asked = what
    try {
      await this.#client.flash[what]({ id: this.#id })
    } catch (thrown) {
      this.#out.important(toAppError(thrown).message)
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
