import type { IncomingMessage } from 'node:http'
import { AppError } from '../../contract/errors.ts'
import type { Machine } from './machine.ts'

const MAX_TRIES = 10

const LINK_HINT = 'See the log of the server, and whether the deployment still exists.'

/**
 * The bytes of an artifact, over as many connections as it takes: a broken download goes on where it broke, by Range, after the
 * pause of `intervals.resumeMs`. Speed and faults of the device act here. Throws DEVICE_UNREACHABLE when it gives up.
 */
export async function* downloadArtifact(machine: Machine, uri: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
  const { intervals } = machine.options
  const faults = new LineFaults(machine, signal)
  let received = 0
  let totalBytes: number | null = null
  for (let tries = 1; ; tries++) {
    const opened = await open(machine, uri, { from: received, totalBytes }, signal)
    let why = opened.kind === 'unreachable' ? opened.why : ''
    if (opened.kind === 'open') {
      totalBytes = opened.totalBytes
      try {
        for await (const chunk of faults.pass(opened.message, received)) {
          received += chunk.length
          yield chunk
        }
      } catch (thrown) {
        signal.throwIfAborted()
        why = thrown instanceof Error ? thrown.message : String(thrown)
      }
      if (received === totalBytes) return
    }
    if (tries === MAX_TRIES)
      throw new AppError('DEVICE_UNREACHABLE', `The download was given up after ${tries} tries at byte ${received}: ${why}`, LINK_HINT)
    machine.console.client(
      `download broke at byte ${received} (${why || 'connection closed'}); goes on in ${intervals.resumeMs / 1000} s`,
      'warning',
    )
    await machine.host.clock.sleep(intervals.resumeMs, signal)
  }
}

type Opened = { kind: 'open'; message: IncomingMessage; totalBytes: number } | { kind: 'unreachable'; why: string }

/** Opens the link at byte `from`; refuses what a client refuses: no length, a status other than 200 or 206, another range. */
async function open(machine: Machine, uri: string, at: { from: number; totalBytes: number | null }, signal: AbortSignal): Promise<Opened> {
  const response = await machine.server.openDownload(uri, at.from, signal)
  if (response.kind !== 'response') return { kind: 'unreachable', why: response.why }
  const { message } = response
  const length = Number(message.headers['content-length'] ?? Number.NaN)
  const isWhole = at.from === 0 && message.statusCode === 200 && Number.isSafeInteger(length)
  if (isWhole) return { kind: 'open', message, totalBytes: length }
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(message.headers['content-range'] ?? '')
  const isRest = message.statusCode === 206 && Number(range?.[1]) === at.from && Number(range?.[3]) === at.totalBytes
  if (isRest && at.totalBytes !== null) {
    machine.console.client(`download goes on at byte ${at.from} of ${at.totalBytes}`)
    return { kind: 'open', message, totalBytes: at.totalBytes }
  }
  message.destroy()
  const what = `status ${message.statusCode}, content-length ${message.headers['content-length'] ?? 'none'}, content-range ${message.headers['content-range'] ?? 'none'}`
  throw new AppError('DEVICE_UNREACHABLE', `The server answered a download from byte ${at.from} with ${what}`, LINK_HINT)
}

/** What happens to bytes on a bad line: they come slowly, break off once, arrive wrong. */
class LineFaults {
  readonly #machine: Machine
  readonly #signal: AbortSignal
  #breakAt: number | null
  #paced = { startedAt: 0, bytes: 0 }

  constructor(machine: Machine, signal: AbortSignal) {
    this.#machine = machine
    this.#signal = signal
    this.#breakAt = machine.options.faults.breakAtBytes
  }

  async *pass(message: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Uint8Array, void, void> {
    let position = from
    this.#paced = { startedAt: this.#machine.host.clock.now(), bytes: 0 }
    for await (const whole of message) {
      for (const piece of this.#pieces(whole)) {
        const room = this.#breakAt === null ? piece.length : Math.max(0, Math.min(piece.length, this.#breakAt - position))
        await this.#throttle(room)
        yield this.#corrupted(piece.subarray(0, room), position)
        position += room
        if (room === piece.length) continue
        this.#breakAt = null
        throw new Error('fault of this virtual device: the line breaks here')
      }
    }
  }

  /** A slow line delivers in pieces of a quarter of a second, so that progress is seen. */
  *#pieces(chunk: Uint8Array): Generator<Uint8Array> {
    const { speedBytesPerSecond } = this.#machine.options.faults
    const size = speedBytesPerSecond === null ? chunk.length : Math.max(512, Math.ceil(speedBytesPerSecond / 4))
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
  }

  async #throttle(bytes: number): Promise<void> {
    const { speedBytesPerSecond } = this.#machine.options.faults
    if (speedBytesPerSecond === null) return
    this.#paced.bytes += bytes
    const { clock } = this.#machine.host
    const dueAt = this.#paced.startedAt + (1000 * this.#paced.bytes) / speedBytesPerSecond
    if (dueAt > clock.now() + 20) await clock.sleep(dueAt - clock.now(), this.#signal)
  }

  #corrupted(chunk: Uint8Array, position: number): Uint8Array {
    const at = (this.#machine.options.faults.corruptAtByte ?? -1) - position
    const byte = chunk[at]
    if (byte === undefined) return chunk
    const copy = new Uint8Array(chunk)
    copy[at] = byte ^ 0xff
    return copy
  }
}
