import type { Duplex } from 'node:stream'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'

const message = z.object({
  event: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  id: z.number().optional(),
  return: z.unknown().optional(),
  error: z.object({ desc: z.string() }).optional(),
})

/** What QEMU tells by itself. */
export interface QmpEvent {
  name: string
  data: Readonly<Record<string, unknown>>
}

/** A conversation with QEMU's monitor: JSON, a line each. */
export class Qmp {
  readonly #socket: Duplex
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  readonly #onEvent: (event: QmpEvent) => void
  #rest = ''
  #count = 0

  constructor(socket: Duplex, onEvent: (event: QmpEvent) => void) {
    this.#socket = socket
    this.#onEvent = onEvent
    socket.setEncoding('utf8').on('data', (text: string) => this.#hear(text))
    socket.once('close', () => this.#close())
    // Commands are taken only after this one.
    void this.command('qmp_capabilities').catch(() => undefined)
  }

  /** What QEMU answers; DEVICE_UNREACHABLE when it ends before, INTERNAL when it refuses. */
  command(execute: string, parameters: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>()
    const id = (this.#count += 1)
    this.#waiting.set(id, answer)
    if (this.#socket.destroyed || !this.#socket.writable) this.#close()
    else this.#socket.write(`${JSON.stringify({ execute, arguments: parameters, id })}\n`)
    return answer.promise
  }

  #hear(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#take(line)
  }

  #take(line: string): void {
    const parsed = message.safeParse(parse(line))
    if (!parsed.success) return
    const { event, data = {}, id, error } = parsed.data
    if (event !== undefined) this.#onEvent({ name: event, data })
    const answer = id === undefined ? undefined : this.#waiting.get(id)
    if (id === undefined || !answer) return
    this.#waiting.delete(id)
    if (error) answer.reject(new AppError('INTERNAL', `QEMU refuses: ${error.desc}`))
    else answer.resolve(parsed.data.return)
  }

  #close(): void {
    for (const answer of this.#waiting.values()) answer.reject(new AppError('DEVICE_UNREACHABLE', 'The board has been switched off'))
    this.#waiting.clear()
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}
