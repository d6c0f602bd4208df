import { createHash } from 'node:crypto'
import type { Client, ClientChannel } from 'ssh2'
import { AppError } from '../../../contract/errors.ts'
import { boardFailure, quoted } from '../shell.ts'
import { type SshHop, type SshSurroundings, connectSsh, placeOf } from './connect.ts'
import { SshShell } from './shell.ts'

interface WindowSize {
  columns: number
  rows: number
}

interface Sending {
  signal: AbortSignal
  progress(done: number, total: number | null, unit: 'bytes' | 'items'): void
}

/** A login shell on a board over SSH, as a console. See `connectSsh` for what may fail. */
export async function openSshConsole(hops: readonly SshHop[], surroundings: SshSurroundings, { columns, rows }: WindowSize) {
  const clients = await connectSsh(hops, surroundings)
  const [client, hop] = [clients.at(-1), hops.at(-1)]
  if (!client || !hop) throw new AppError('BAD_INPUT', 'No board was named', 'Write USER@HOST.')
  const name = `${hop.user}@${placeOf(hop)}`
  const endAll = (): void => {
    for (const each of clients.toReversed()) each.end()
  }
  const channel = await shellOf(client, { cols: columns, rows, term: 'xterm-256color' }).catch((thrown: unknown) => {
    endAll()
    throw new AppError('DEVICE_UNREACHABLE', `${name} starts no shell`, 'Check the shell of that user.', thrown)
  })
  const listeners = new Set<(bytes: Uint8Array) => void>()
  const hear = (bytes: Uint8Array): void => {
    for (const listener of listeners) listener(bytes)
  }
  channel.on('data', hear)
  channel.stderr.on('data', hear)
  const ended = endOf(client, channel, name)
  ended.catch(() => undefined)
  return {
    name,
    onData(listener: (bytes: Uint8Array) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    ended,
    write: (bytes: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        channel.write(bytes, (error) => (error ? reject(lost(name, error)) : resolve()))
      }),
    resize: (size: WindowSize) => channel.setWindow(size.rows, size.columns, 0, 0),
    sendFile: (file: { path: string; content: Uint8Array }, job: Sending) => sendFile(new SshShell(name, [], client), file, job),
    async [Symbol.asyncDispose]() {
      channel.close()
      endAll()
    },
  }
}

function shellOf(client: Client, window: { cols: number; rows: number; term: string }): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.shell(window, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

/** Resolves when the shell has ended by itself. */
function endOf(client: Client, channel: ClientChannel, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let hasExit = false
    channel.once('exit', () => (hasExit = true))
    channel.once('close', () => (hasExit ? resolve() : reject(lost(name))))
    client.on('error', (error) => reject(lost(name, error)))
    client.once('close', () => reject(lost(name)))
  })
}

function lost(name: string, cause?: unknown): AppError {
  return new AppError('DEVICE_UNREACHABLE', `The connection to ${name} was lost`, 'Check its power and network, and open it again.', cause)
}

/** By SFTP, or by the plain shell where there is none; then what is there is held against what was sent. */
async function sendFile(shell: SshShell, { path, content }: { path: string; content: Uint8Array }, { signal, progress }: Sending) {
  progress(0, content.length, 'bytes')
  await shell.upload(path, content, signal)
  progress(content.length, content.length, 'bytes')
  const answer = await shell.run(`sha256sum < ${quoted(path)}`, { signal })
  if (answer.exitCode !== 0) throw boardFailure(`Cannot check ${path} on ${shell.name}`, answer)
  const right = createHash('sha256').update(content).digest('hex')
  if (!answer.stdout.startsWith(right))
    throw new AppError('VERIFY_FAILED', `${path} on ${shell.name} is not what was sent`, 'Check the free space there and send it again.')
}
