import { AppError } from '../../contract/errors.ts'
import type { JournalFacts } from '../../contract/journal.ts'
import type { LineSettings } from '../../contract/serial.ts'

/** What a file on its way needs of its job. */
export interface SendingJob {
  signal: AbortSignal
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void
  log(line: string): void
}

export interface SentFile {
  path: string
  content: Uint8Array
}

/** The open road to one console. A serial port, a shell over SSH and the console of a virtual board are each one of these. */
export interface ConsoleLine extends AsyncDisposable {
  /** Calls `listener` with what the board prints, with its time where it brings one. Answers how to stop. */
  onData(listener: (bytes: Uint8Array, at?: number) => void): () => void
  write(bytes: Uint8Array): Promise<void>
  /** Resolves when the board has closed it; rejects with why when it was lost. */
  readonly ended: Promise<void>
  resize?(size: { columns: number; rows: number }): void
  sendBreak?(): Promise<void>
  /** Puts a file onto the board and checks that it arrived whole. */
  sendFile?(file: SentFile, job: SendingJob): Promise<void>
  /** Of a serial line alone. */
  serial?: {
    readonly settings: LineSettings
    setBaudRate(baudRate: number): Promise<void>
    findBaudRate(signal: AbortSignal): Promise<number>
  }
  /** Of a log that is followed. */
  journal?: {
    readonly facts: JournalFacts
    onFacts(listener: () => void): () => void
  }
}

/** How a console is reached. */
export interface ConsoleRoad {
  kind: 'serial' | 'ssh' | 'board' | 'journal'
  place: string
  /** Whether a second one to the same place would be the same one: a port is open once. */
  isSingle: boolean
  open(settings: LineSettings | null): Promise<ConsoleLine>
  /** Whether it can be opened again after it was lost; null: it needs a person, as with a password. */
  isBack: (() => Promise<boolean>) | null
}

/** TOOL_MISSING where the road knows no break, or the adapter sends none. */
export async function sendBreak(line: ConsoleLine): Promise<void> {
  if (!line.sendBreak) throw new AppError('TOOL_MISSING', 'This console sends no break', 'Only a serial port can.')
  await line.sendBreak()
}
