import type { Files } from '../../host.ts'
import { findBaudRate } from './baud.ts'
import { type SerialLine, openSerialLine } from './line.ts'

interface PortRequest {
  path: string
  /** null: the rate is looked for. */
  baudRate: number | null
  files: Files
  signal: AbortSignal
  log(line: string): void
  /** Instead of a port for us alone. */
  open?: (path: string, baudRate: number) => Promise<SerialLine>
}

const FIRST_RATE = 115_200

/** Opens a port at the rate that it is said to have, or that makes sense of what is heard. */
export async function openAtRate({ path, baudRate, files, signal, log, open }: PortRequest): Promise<SerialLine> {
  const line = await (open ?? ((name, rate) => openSerialLine(name, rate, files)))(path, baudRate ?? FIRST_RATE)
  if (baudRate !== null) return line
  try {
    log(`${path} is a console at ${await findBaudRate(line, signal)} baud`)
    return line
  } catch (thrown) {
    await line[Symbol.asyncDispose]()
    throw thrown
  }
}
