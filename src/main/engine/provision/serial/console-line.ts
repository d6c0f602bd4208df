import type { LineSettings } from '../../../contract/serial.ts'
import { findBaudRate } from './baud.ts'
import type { OpenPorts } from './open-ports.ts'
import { SerialShell } from './shell.ts'

const BREAK_MS = 250

interface Sending {
  signal: AbortSignal
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void
}

/** A serial port as a console: what is typed is held back while a job has a share of the port too. */
export async function openSerialConsole(ports: OpenPorts, path: string, settings: LineSettings) {
  const line = await ports.share(path, settings)
  return {
    onData: line.onData,
    ended: line.lost,
    async write(bytes: Uint8Array) {
      ports.refuseShared(path)
      await line.write(bytes)
    },
    sendBreak: () => line.sendBreak(BREAK_MS),
    serial: {
      settings: line.settings,
      setBaudRate: line.setBaudRate,
      findBaudRate: (signal: AbortSignal) => findBaudRate(line, signal),
    },
    /** Over the shell that somebody is logged in to. */
    async sendFile({ path: to, content }: { path: string; content: Uint8Array }, { signal, progress }: Sending) {
      const own = await ports.share(path, line.settings)
      const onProgress = (done: number, total: number) => progress(done, total, 'bytes')
      await using shell = await SerialShell.open(own, { login: null, signal, onProgress })
      await shell.upload(to, content, signal)
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  }
}
