import { connect } from 'node:net'
import { AppError } from '../../../../contract/errors.ts'
import type { LabelSetting } from '../../../../contract/station.ts'
import type { Host } from '../../../host.ts'
import { writeAtomic } from '../../../lib/file-streams.ts'
import { labelOf } from './label.ts'
import type { LabelText } from './label-text.ts'

interface Sending {
  host: Pick<Host, 'files' | 'programs'>
  signal: AbortSignal
  /** How long a printer may take to take a label. */
  printerMs?: number
}

const PRINTER_MS = 15_000

/** Saves a label, and prints it, as the setting says. Answers where it went. BAD_INPUT where that is nowhere; DEVICE_UNREACHABLE, TOOL_MISSING. */
export async function sendLabel(text: LabelText, { format, folder, printer }: LabelSetting, sending: Sending): Promise<string> {
  const { host } = sending
  const content = labelOf(format, text)
  const sent: string[] = []
  if (folder !== null) {
    await host.files.makeFolder(folder)
    const path = `${folder}/${fileName(text.serial)}.${format}`
    await writeAtomic(host.files, path, new TextEncoder().encode(content))
    sent.push(path)
  }
  if (printer !== null) {
    const name = 'command' in printer ? (printer.command[0] ?? '') : `${printer.host}:${printer.port}`
    await inTime(name, sending, (signal) =>
      'command' in printer ? print(content, printer.command, { host, signal }) : sendTo(content, printer, signal),
    )
    sent.push(name)
  }
  if (sent.length === 0) throw new AppError('BAD_INPUT', 'A label goes to a folder or a printer, and none is named', 'Name one.')
  return sent.join(', ')
}

async function inTime(
  name: string,
  { signal, printerMs = PRINTER_MS }: Sending,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const late = AbortSignal.timeout(printerMs)
  try {
    await work(AbortSignal.any([signal, late]))
  } catch (thrown) {
    if (!late.aborted || signal.aborted) throw thrown
    const message = `${name} has not taken the label in ${printerMs / 1000} s`
    throw new AppError('DEVICE_UNREACHABLE', message, 'See to the label printer.', thrown)
  }
}

/** Serial numbers may hold what a file name may not. */
function fileName(serial: string): string {
  return serial.replaceAll(/[^\w.-]/g, (letter) => `%${letter.codePointAt(0)?.toString(16)}`).replace(/^\./, '%2e')
}

async function print(content: string, [name = '', ...args]: readonly string[], { host, signal }: Sending): Promise<void> {
  const program = host.programs.start(name, args, { signal })
  program.write(content)
  program.endInput()
  for await (const _ of program.output);
  const { exitCode, stderr } = await program.ended
  if (exitCode !== 0)
    throw new AppError(
      'DEVICE_UNREACHABLE',
      `${name} ended with code ${exitCode}: ${stderr.trim().slice(0, 200)}`,
      'See to the label printer.',
    )
}

function sendTo(content: string, { host, port }: { host: string; port: number }, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, signal }, () => socket.end(content))
    socket.on('error', (thrown) =>
      reject(
        new AppError('DEVICE_UNREACHABLE', `The label printer ${host}:${port} does not answer: ${thrown.message}`, 'See to it.', thrown),
      ),
    )
    // A printer says nothing; it has all of it when it has taken the end.
    socket.on('finish', () => socket.resume())
    socket.on('close', (hadError) => hadError || resolve())
  })
}
