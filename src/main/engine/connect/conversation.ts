import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { type Frame, PROTO, type Prop, readBody, writeBody } from './frame.ts'
import type { DeviceLines, Session } from './lines.ts'

const ANSWER_MS = 60_000
/** Twice what a device sends of a file before it waits for an acknowledgement. */
const MAX_WAITING = 40
const accept = z.object({ protocols: z.array(z.number()) })
const refusal = z.object({ err: z.string().nullish() })
const CONTROL_ERROR_STATUS = 2

const NAMES: Readonly<Record<number, string>> = {
  [PROTO.shell]: 'the terminal',
  [PROTO.fileTransfer]: 'file transfer',
  [PROTO.portForward]: 'port forwarding',
  [PROTO.menderClient]: 'commands to the Mender client',
}

/**
 * A session that this server itself holds with a device: it sends, and takes the answers one by one. It answers the device's pings,
 * without which a session ends after a minute.
 */
export class Conversation implements Disposable {
  readonly #session: Session
  readonly #timeoutMs: number
  readonly #signal: AbortSignal | undefined
  readonly #waiting: Frame[] = []
  #wake: (() => void) | null = null
  #ended: string | null = null

  private constructor(lines: DeviceLines, deviceId: string, options: { timeoutMs?: number; signal?: AbortSignal | undefined }) {
    this.#timeoutMs = options.timeoutMs ?? ANSWER_MS
    this.#signal = options.signal
    this.#session = lines.open(deviceId, {
      take: (frame) => this.#take(frame),
      ended: (why) => {
        this.#ended = why
        this.#wake?.()
      },
    })
  }

  /** Begins one, with a device that is connected or about to be again. DEVICE_UNREACHABLE, CONFLICT as DeviceLines.open. */
  static async open(
    lines: DeviceLines,
    deviceId: string,
    options: { timeoutMs?: number; signal?: AbortSignal | undefined } = {},
  ): Promise<Conversation> {
    await lines.awaitReturn(deviceId, options.signal)
    return new Conversation(lines, deviceId, options)
  }

  /** Greets the device and makes sure that it offers a protocol. CONFLICT when that is switched off there. */
  async greet(proto: number): Promise<void> {
    this.send({ proto: PROTO.control, type: 'open', body: writeBody({ versions: [1] }) })
    const { protocols } = readBody((await this.next(PROTO.control, 'accept')).body, accept)
    if (protocols.includes(proto)) return
    throw new AppError(
      'CONFLICT',
      `The device does not offer ${NAMES[proto] ?? `protocol ${proto}`}`,
      'Enable it in /etc/mender/mender-connect.conf on the device.',
    )
  }

  send(frame: { proto: number; type: string; props?: Record<string, Prop>; body?: Uint8Array }): void {
    this.#session.send(frame)
  }

  /** The device's next message, which has to be of one of these types. Its refusals come out as PERMISSION, NOT_FOUND or BAD_INPUT. */
  async next(proto: number, ...types: string[]): Promise<Frame> {
    const frame = await this.nextOrRefusal(proto, ...types)
    if (frame.type === 'error') throw refused(readBody(frame.body, refusal).err ?? 'no reason given')
    return frame
  }

  /** The same, but a refusal is one of the answers: its type is `error`. */
  async nextOrRefusal(proto: number, ...types: string[]): Promise<Frame> {
    const frame = await this.#nextFrame()
    if (frame.type === 'error' || (frame.proto === proto && types.includes(frame.type))) return frame
    throw new AppError('BAD_INPUT', `The device answered ${frame.proto}/${frame.type} instead of ${types.join(' or ')}`, 'Try again.')
  }

  /** Whether the device has said something that was not taken yet. */
  get hasMore(): boolean {
    return this.#waiting.length > 0
  }

  [Symbol.dispose](): void {
    this.#session.close()
  }

  #take(frame: Frame): void {
    if (frame.proto === PROTO.control && frame.type === 'ping') return this.send({ proto: PROTO.control, type: 'pong' })
    this.#waiting.push(frame)
    if (this.#waiting.length >= MAX_WAITING) this.#session.setFull(true)
    this.#wake?.()
  }

  async #nextFrame(): Promise<Frame> {
    for (;;) {
      const frame = this.#waiting.shift()
      if (frame) {
        if (this.#waiting.length < MAX_WAITING / 2) this.#session.setFull(false)
        return frame
      }
      if (this.#ended !== null) throw new AppError('DEVICE_UNREACHABLE', `The connection broke: ${this.#ended}`, 'Try again.')
      await this.#something()
    }
  }

  /** Resolves when a message came or the connection broke; rejects with CANCELLED, or DEVICE_UNREACHABLE when the device keeps silent. */
  #something(): Promise<void> {
    const signal = this.#signal
    return new Promise<void>((resolve, reject) => {
      const done = (failure?: AppError): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', cancel)
        this.#wake = null
        if (failure) reject(failure)
        else resolve()
      }
      const cancel = (): void => done(new AppError('CANCELLED', 'Cancelled'))
      const seconds = Math.round(this.#timeoutMs / 1000)
      const silent = new AppError('DEVICE_UNREACHABLE', `The device has not answered for ${seconds} s`, 'See whether it still runs.')
      const timer = setTimeout(done, this.#timeoutMs, silent)
      signal?.addEventListener('abort', cancel, { once: true })
      this.#wake = () => done()
      if (signal?.aborted) cancel()
    })
  }
}

/** What a device answers instead of doing it, in its own words. */
function refused(words: string): AppError {
  if (/no such file/i.test(words)) return new AppError('NOT_FOUND', `On the device: ${words}`, 'Check the path.')
  if (/denied|not permitted|not allowed/i.test(words))
    return new AppError('PERMISSION', `On the device: ${words}`, 'See its access rights, and the limits in mender-connect.conf.')
  return new AppError('BAD_INPUT', `On the device: ${words}`, 'Correct it and try again.')
}

/** Tells the Mender client of a device to do something now. CONFLICT, with the device's words, when the device could not. */
export async function commandClient(
  lines: DeviceLines,
  deviceId: string,
  command: 'check-update' | 'send-inventory',
  signal?: AbortSignal,
): Promise<void> {
  using talk = await Conversation.open(lines, deviceId, { signal })
  await talk.greet(PROTO.menderClient)
  talk.send({ proto: PROTO.menderClient, type: command })
  const { props, body } = await talk.next(PROTO.menderClient, command)
  if (props['status'] !== CONTROL_ERROR_STATUS) return
  const words = Buffer.from(body).toString().trim() || 'no reason given'
  throw new AppError('CONFLICT', `The device could not ${command}: ${words}`, 'See whether mender-client runs there as a service.')
}
