import { AppError } from '../../../contract/errors.ts'
import { type LineSettings, lineSettings } from '../../../contract/serial.ts'
import type { Files } from '../../host.ts'
import { holdersOf } from './ports.ts'

/** An open serial port. */
export interface SerialLine extends AsyncDisposable {
  readonly path: string
  readonly settings: LineSettings
  /** Calls `listener` with what comes in. Answers how to stop. */
  onData(listener: (bytes: Uint8Array) => void): () => void
  /** Resolves when the bytes have left. */
  write(bytes: Uint8Array): Promise<void>
  setBaudRate(baudRate: number): Promise<void>
  /** Holds the line down, as some consoles take for a break. */
  sendBreak(ms: number): Promise<void>
  /** Fails with DEVICE_UNREACHABLE when the port goes away; else it waits for ever. */
  readonly lost: Promise<never>
}

const BREAK_HINT = 'Not every adapter can.'

/** Opens a port for us alone, at a rate and else as consoles mostly are. NOT_FOUND, PERMISSION; PORT_IN_USE names who holds it. */
export async function openSerialLine(path: string, how: number | LineSettings, files: Files): Promise<SerialLine> {
  const settings = typeof how === 'number' ? lineSettings.parse({ baudRate: how }) : { ...how }
  const { SerialPort } = await import('serialport')
  const { flow, ...rest } = settings
  const port = new SerialPort({ path, ...rest, rtscts: flow === 'hardware', ...softwareFlow(flow), autoOpen: false, lock: true })
  await settled((done) => port.open(done)).catch(async (thrown: unknown) => {
    throw await refusal(path, thrown instanceof Error ? thrown : new Error(String(thrown)), files)
  })
  const lost = new Promise<never>((_, reject) => {
    port.once('close', () => reject(gone(path)))
  })
  lost.catch(() => undefined)
  port.on('error', () => undefined)
  return {
    path,
    settings,
    lost,
    onData(listener) {
      port.on('data', listener)
      return () => port.off('data', listener)
    },
    write: (bytes) =>
      settled((done) => {
        port.write(bytes, (error) => (error ? done(error) : port.drain(done)))
      }).catch((thrown: unknown) => {
        throw gone(path, thrown)
      }),
    async setBaudRate(baudRate) {
      await settled((done) => port.update({ baudRate }, done)).catch((thrown: unknown) => {
        throw new AppError('BAD_INPUT', `${path} does not take ${baudRate} baud`, 'Choose a rate that the adapter knows.', thrown)
      })
      settings.baudRate = baudRate
    },
    async sendBreak(ms) {
      await settled((done) => port.set({ brk: true }, done)).catch((thrown: unknown) => {
        throw new AppError('TOOL_MISSING', `${path} sends no break`, BREAK_HINT, thrown)
      })
      await new Promise((resolve) => setTimeout(resolve, ms))
      await settled((done) => port.set({ brk: false }, done))
    },
    async [Symbol.asyncDispose]() {
      if (port.isOpen) await settled((done) => port.close(done)).catch(() => undefined)
    },
  }
}

function softwareFlow(flow: LineSettings['flow']): { xon: boolean; xoff: boolean } {
  return { xon: flow === 'software', xoff: flow === 'software' }
}

function gone(path: string, cause?: unknown): AppError {
  return new AppError('DEVICE_UNREACHABLE', `${path} went away`, 'Plug it in again, and run it again.', cause)
}

function settled(work: (done: (error: Error | null | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())))
}

async function refusal(path: string, error: Error, files: Files): Promise<AppError> {
  const { message } = error
  if (/lock|busy|temporarily unavailable/i.test(message)) {
    const holders = (await holdersOf([path], files)).get(path) ?? []
    const who = holders.length === 0 ? 'another program' : holders.join(', ')
    return new AppError(
      'PORT_IN_USE',
      `${path} is in use by ${who}`,
      'Close it there, or choose another port: otabench serial list.',
      error,
    )
  }
  if (/No such file|cannot find/i.test(message))
    return new AppError('NOT_FOUND', `There is no serial port ${path}`, 'See otabench serial list.', error)
  if (/ermission|denied/.test(message))
    return new AppError(
      'PERMISSION',
      `You may not open ${path}`,
      'Join the group that owns it, and log in again: sudo usermod -aG dialout $USER',
      error,
    )
  return new AppError('DEVICE_UNREACHABLE', `${path} cannot be opened: ${message}`, 'Plug it in again.', error)
}
