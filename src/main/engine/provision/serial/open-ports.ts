import { AppError } from '../../../contract/errors.ts'
import type { LineSettings } from '../../../contract/serial.ts'
import { Changes } from '../../lib/changes.ts'
import type { SerialLine } from './line.ts'

interface OpenPort {
  line: Promise<SerialLine>
  users: number
}

/** Opens a port, which nobody has open here. */
export type OpenLine = (path: string, how: number | LineSettings) => Promise<SerialLine>

/** The serial ports that this engine has open: each once, and shared by all who use it, so that a console shows what a recipe does. */
export class OpenPorts {
  /** A port was opened or closed, or has another rate. */
  readonly changes = new Changes()
  readonly #open = new Map<string, OpenPort>()
  readonly #openLine: OpenLine

  constructor(openLine: OpenLine) {
    this.#openLine = openLine
  }

  /** A share of a port, which is opened as said unless it is open. Fails as opening it does; the last share closes it. */
  async share(path: string, how: number | LineSettings): Promise<SerialLine> {
    const port = this.#open.get(path) ?? { line: this.#openLine(path, how), users: 0 }
    this.#open.set(path, port)
    port.users += 1
    try {
      const line = await port.line
      this.changes.bump()
      return this.#shareOf(line, port)
    } catch (thrown) {
      if (this.#open.get(path) === port) this.#open.delete(path)
      throw thrown
    }
  }

  /** CONFLICT while somebody else has a share of it too; `own`: how many whoever asks has. */
  refuseShared(path: string, own = 1): void {
    if ((this.#open.get(path)?.users ?? 0) > own)
      throw new AppError('CONFLICT', `${path} is also in use by a job`, 'Wait until it has ended, or cancel it.')
  }

  #shareOf(line: SerialLine, port: OpenPort): SerialLine {
    const stops = new Set<() => void>()
    let isClosed = false
    // A port that went away is opened anew by who asks next.
    line.lost.catch(() => this.#forget(line.path, port))
    return {
      path: line.path,
      settings: line.settings,
      lost: line.lost,
      onData(listener) {
        const stop = line.onData(listener)
        stops.add(stop)
        return stop
      },
      write: (bytes) => line.write(bytes),
      sendBreak: (ms) => line.sendBreak(ms),
      setBaudRate: async (baudRate) => {
        await line.setBaudRate(baudRate)
        this.changes.bump()
      },
      [Symbol.asyncDispose]: async () => {
        if (isClosed) return
        isClosed = true
        for (const stop of stops) stop()
        port.users -= 1
        if (port.users > 0) return
        this.#forget(line.path, port)
        await line[Symbol.asyncDispose]()
      },
    }
  }

  #forget(path: string, port: OpenPort): void {
    if (this.#open.get(path) !== port) return
    this.#open.delete(path)
    this.changes.bump()
  }
}
