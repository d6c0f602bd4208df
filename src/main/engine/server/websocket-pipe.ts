import type { WebSocket } from 'ws'
import { CLOSE, type Pipe } from '../connect/lines.ts'
import type { Changes } from '../lib/changes.ts'

/** Both ends ask each other for a sign of life; one that gave none between two of ours is gone. */
const PING_MS = 30_000
/** Credentials change in bursts, as when many devices join. */
const RECHECK_MS = 100
/** How long an end that was told to close may take to say so itself. */
const CLOSE_MS = 5000
/** A close reason may have 123 bytes (RFC 6455, 5.5). */
const MAX_REASON = 120

/** A WebSocket as a pipe. Text is refused: device connect speaks binary. */
export function websocketPipe(socket: WebSocket, onMessage: (message: Uint8Array) => void): Pipe {
  const waiting: (() => void)[] = []
  const close = (code: number, reason: string): void => {
    socket.resume()
    socket.close(code, reason.slice(0, MAX_REASON))
    setTimeout(() => socket.terminate(), CLOSE_MS).unref()
  }
  socket.binaryType = 'nodebuffer'
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (socket.readyState !== socket.OPEN) return
    if (isBinary) onMessage(data)
    else close(CLOSE.policy, 'Send binary messages')
  })
  const sent = (): void => {
    if (socket.bufferedAmount === 0 || socket.readyState !== socket.OPEN) for (const ready of waiting.splice(0)) ready()
  }
  socket.once('close', sent)
  return {
    send: (message) => void (socket.readyState === socket.OPEN && socket.send(message, sent)),
    pendingBytes: () => (socket.readyState === socket.OPEN ? socket.bufferedAmount : 0),
    onDrain: (ready) => {
      waiting.push(ready)
      sent()
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close,
  }
}

interface Watched {
  socket: WebSocket
  isAlive: boolean
}

/** Something that a request has left open, as long as who asked for it may have it. */
interface Held {
  /** Why it has to end, if it has to. */
  refusal: () => string | null
  end: (why: string) => void
}

/** Keeps what is open honest: ends WebSockets that give no sign of life, and everything whose token is no longer good. */
export class SocketWatch {
  readonly #sockets = new Set<Watched>()
  readonly #held = new Set<Held>()
  readonly #credentials: Changes
  #timer: NodeJS.Timeout | null = null
  #unfollow: () => void = () => undefined

  constructor(credentials: Changes) {
    this.#credentials = credentials
    this.#follow()
  }

  add(socket: WebSocket, refusal: () => string | null): void {
    const watched: Watched = { socket, isAlive: true }
    const leave = this.hold(refusal, (why) => {
      // Until the other end has closed as well, what it sends would still be taken.
      socket.removeAllListeners('message')
      socket.close(CLOSE.policy, why.slice(0, MAX_REASON))
    })
    const heard = (): void => void (watched.isAlive = true)
    socket.on('pong', heard)
    socket.on('ping', heard)
    socket.on('message', heard)
    socket.once('close', () => {
      this.#sockets.delete(watched)
      leave()
    })
    this.#sockets.add(watched)
  }

  /** Ends it when there is a refusal; answers what is to be called when it has ended by itself. */
  hold(refusal: () => string | null, end: (why: string) => void): () => void {
    const held: Held = { refusal, end }
    this.#held.add(held)
    this.#timer ??= setInterval(() => this.#ask(), PING_MS).unref()
    return () => void this.#held.delete(held)
  }

  /** Looks at the tokens again soon after a credential has changed, once for a burst of changes. */
  #follow(): void {
    this.#unfollow = this.#credentials.onNext(() => {
      const timer = setTimeout(() => {
        this.#recheck()
        this.#follow()
      }, RECHECK_MS).unref()
      this.#unfollow = () => clearTimeout(timer)
    })
  }

  #recheck(): void {
    for (const { refusal, end } of this.#held) {
      const why = refusal()
      if (why !== null) end(why)
    }
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
    this.#unfollow()
    for (const { socket } of this.#sockets) socket.terminate()
  }

  #ask(): void {
    this.#recheck()
    for (const watched of this.#sockets) {
      // One that does not read cannot answer either: its own end has to time out.
      if (!watched.isAlive && !watched.socket.isPaused) watched.socket.terminate()
      watched.isAlive = false
      watched.socket.ping()
    }
  }
}
