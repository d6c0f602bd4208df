import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Host } from '../host.ts'
import type { BoardConsole } from './board-console.ts'
import { endOf, startLeashed } from './leash.ts'

interface PtyOptions {
  host: Pick<Host, 'programs' | 'files'>
  /** The board's own folder: the pty is a link in it. */
  folder: string
  console: Pick<BoardConsole, 'onBytes'>
  type(bytes: Uint8Array): void
}

/** A path of a Unix socket is no longer than that. */
const MAX_PATH_BYTES = 107
const PAUSE_MS = 200

/** Whether a pseudo terminal can be made for a board in this folder. */
export async function canHavePty({ host, folder }: Pick<PtyOptions, 'host' | 'folder'>): Promise<boolean> {
  return Buffer.byteLength(socketPath(folder)) <= MAX_PATH_BYTES && (await host.programs.find('socat')) !== null
}

export const ptyPath = (folder: string): string => `${folder}/console`
const socketPath = (folder: string): string => `${folder}/console.sock`

/**
 * A pseudo terminal for programs that want a serial port, for as long as the signal does not abort: socat makes it, and connects to us
 * when somebody opens it. What the board says while nobody has it open is not kept for it.
 */
export async function offerPty(options: PtyOptions, signal: AbortSignal): Promise<void> {
  const { host, folder } = options
  await host.files.remove(socketPath(folder))
  const server = createServer((socket) => join(socket, options)).listen(socketPath(folder))
  await once(server, 'listening')
  try {
    while (!signal.aborted) {
      const pty = `PTY,link=${ptyPath(folder)},raw,echo=0,wait-slave,pty-interval=0.1`
      const program = startLeashed(host, ['socat', pty, `UNIX-CONNECT:${socketPath(folder)}`])
      signal.addEventListener('abort', program.endInput, { once: true })
      await endOf(program)
      signal.removeEventListener('abort', program.endInput)
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => undefined)
    }
  } finally {
    server.close()
    await host.files.remove(socketPath(folder))
    await host.files.remove(ptyPath(folder))
  }
}

function join(socket: Socket, { console, type }: PtyOptions): void {
  const stop = console.onBytes((bytes) => socket.write(bytes))
  socket.on('data', type).on('error', () => undefined)
  socket.once('close', stop)
}
