import { type Frame, PROTO, type Prop } from './frame.ts'
import type { Session } from './lines.ts'

/** How long a shell may say nothing once it is started: each greets with a prompt. */
const SILENT_MS = 8000
const TRIES = 3
const STATUS_ERROR = 2

/**
 * Starts a shell again that says nothing. mender-connect (2.1.0, and 2.2.1 still) may give up reading one before it counts as running: it
 * runs, takes what is typed, and is never heard. What was typed into such a one is not typed again.
 */
export class ShellStart {
  readonly #session: Pick<Session, 'send'>
  #props: Record<string, Prop> = {}
  #leftTries = 0
  #restart: 'stopping' | 'starting' | null = null
  #silence: NodeJS.Timeout | undefined

  constructor(session: Pick<Session, 'send'>) {
    this.#session = session
  }

  /** A frame that was sent to the device. */
  toDevice({ proto, type, props }: Pick<Frame, 'proto' | 'type' | 'props'>): void {
    if (proto !== PROTO.shell) return
    if (type === 'new') this.#leftTries = TRIES
    if (type === 'new' || type === 'resize') Object.assign(this.#props, plain(props))
    if (type === 'stop') this.close()
  }

  /** A frame that came from the device: whether it is for who has the terminal. */
  fromDevice({ proto, type, props }: Pick<Frame, 'proto' | 'type' | 'props'>): boolean {
    if (proto !== PROTO.shell) return true
    if (this.#restart !== null) return this.#restarted(type, props)
    if (type === 'new' && props['status'] !== STATUS_ERROR) this.#listen()
    else if (type === 'shell' || type === 'stop') this.close()
    return true
  }

  /** The terminal is closed, or heard. */
  close(): void {
    clearTimeout(this.#silence)
    this.#leftTries = 0
    this.#restart = null
  }

  #listen(): void {
    clearTimeout(this.#silence)
    this.#leftTries -= 1
    if (this.#leftTries > 0) this.#silence = setTimeout(() => this.#stop(), SILENT_MS)
  }

  #stop(): void {
    this.#restart = 'stopping'
    this.#session.send({ proto: PROTO.shell, type: 'stop' })
  }

  #restarted(type: string, props: Frame['props']): boolean {
    // A second stop comes from a shell that did live: its output has broken off.
    if (type === 'stop' && this.#restart === 'stopping') {
      this.#restart = 'starting'
      this.#session.send({ proto: PROTO.shell, type: 'new', props: this.#props })
    }
    if (type !== 'new') return false
    this.#restart = null
    if (props['status'] === STATUS_ERROR) return true
    this.#listen()
    return false
  }
}

function plain(props: Frame['props']): Record<string, Prop> {
  return Object.fromEntries(
    Object.entries(props).filter((entry): entry is [string, Prop] => typeof entry[1] === 'string' || typeof entry[1] === 'number'),
  )
}
