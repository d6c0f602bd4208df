import { z } from 'zod'
import { type Frame, PROTO } from '../connect/frame.ts'
import type { RecordedTerminal, TerminalRecording } from './recordings.ts'

const STATUS_ERROR = 2
const sizeProps = z.object({ terminal_width: z.number().int().positive(), terminal_height: z.number().int().positive() })
/** As of a terminal that does not say how large it is. */
const USUAL_SIZE = { columns: 80, rows: 24 }

/** Listens to what goes between a user and a device, and records the terminal that is in it. */
export class TerminalTap {
  readonly #begin: (size: Pick<RecordedTerminal, 'columns' | 'rows'>) => TerminalRecording | null
  #size = USUAL_SIZE
  #recording: TerminalRecording | null = null

  constructor(begin: (size: Pick<RecordedTerminal, 'columns' | 'rows'>) => TerminalRecording | null) {
    this.#begin = begin
  }

  fromUser({ proto, type, props }: Frame): void {
    if (proto !== PROTO.shell || (type !== 'new' && type !== 'resize')) return
    const size = sizeProps.safeParse(props).data
    if (!size) return
    this.#size = { columns: size.terminal_width, rows: size.terminal_height }
    this.#recording?.resize(this.#size.columns, this.#size.rows)
  }

  fromDevice({ proto, type, props, body }: Frame): void {
    if (proto !== PROTO.shell) return
    if (type === 'new' && props['status'] !== STATUS_ERROR) this.#recording ??= this.#begin(this.#size)
    else if (type === 'shell' && props['status'] !== STATUS_ERROR) this.#recording?.output(body)
    else if (type === 'stop') this.close()
  }

  close(): void {
    void this.#recording?.end()
    this.#recording = null
  }
}
