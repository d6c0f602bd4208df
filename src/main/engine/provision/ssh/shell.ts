import { Buffer } from 'node:buffer'
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2'
import { AppError } from '../../../contract/errors.ts'
import { type BoardShell, SURROUNDINGS, type ShellOptions, type ShellResult, boardFailure, quoted } from '../shell.ts'
import { type SshHop, type SshSurroundings, connectSsh, placeOf } from './connect.ts'

const OUTPUT_LIMIT_BYTES = 1 << 20
/** A line that is longer is cut into several. */
const LINE_LIMIT = 16_384
const DEFAULT_MS = 10 * 60_000

/** A command that goes on until it is stopped. */
export interface Follower {
  /** How it ended, with the end of what it said on stderr; rejects when the connection is lost. */
  readonly ended: Promise<ShellResult>
  stop(): void
}

/** A shell on a board over SSH. */
export class SshShell implements BoardShell {
  readonly name: string
  readonly #clients: readonly Client[]
  readonly #client: Client
  /** Fails when the connection is lost. */
  readonly #lost: Promise<never>
  #hasSftp = true

  /** `clients` end with it. */
  constructor(name: string, clients: readonly Client[], client: Client) {
    this.name = name
    this.#clients = clients
    this.#client = client
    this.#lost = new Promise<never>((_, reject) => {
      let reason = ''
      client.on('error', (error) => (reason = `: ${error.message}`))
      client.once('close', () =>
        reject(
          new AppError(
            'DEVICE_UNREACHABLE',
            `The connection to ${name} was lost${reason}`,
            'Check its power and network, and run it again.',
          ),
        ),
      )
    })
    this.#lost.catch(() => undefined)
  }

  /** Logs in; see `connectSsh` for what may fail. */
  static async open(hops: readonly SshHop[], surroundings: SshSurroundings): Promise<SshShell> {
    const clients = await connectSsh(hops, surroundings)
    const [board, client] = [hops.at(-1), clients.at(-1)]
    if (!board || !client) throw new AppError('BAD_INPUT', 'No board was named', 'Write USER@HOST.')
    return new SshShell(`${board.user}@${placeOf(board)}`, clients, client)
  }

  async run(script: string, { input, signal, timeoutMs = DEFAULT_MS }: ShellOptions): Promise<ShellResult> {
    signal.throwIfAborted()
    const command = `exec sh -c ${quoted(SURROUNDINGS + script)}`
    const { channel, result } = await this.#within(
      this.#exec(command, (opened) => ({ channel: opened, result: resultOf(opened, input ?? new Uint8Array(0)) })),
    )
    const late = AbortSignal.timeout(timeoutMs)
    const ended = result.then((answer) => answer ?? this.#lost)
    const stop = AbortSignal.any([signal, late])
    const { promise: stopped, reject } = Promise.withResolvers<never>()
    stopped.catch(() => undefined)
    const onStop = (): void => {
      channel.signal('TERM')
      channel.close()
      const slow = new AppError('INTERRUPTED', `A command on ${this.name} did not end within ${timeoutMs / 1000} s`, 'Give it more time.')
      reject(signal.aborted ? new AppError('CANCELLED', 'Cancelled', '', signal.reason) : slow)
    }
    stop.addEventListener('abort', onStop, { once: true })
    try {
      return await this.#within(Promise.race([ended, stopped]))
    } finally {
      stop.removeEventListener('abort', onStop)
    }
  }

  /** Starts a command that goes on, and hands over its lines as they come. `sudo` is what it takes to end it. */
  async follow({ command, sudo }: { command: string; sudo: string }, onLine: (line: string) => void): Promise<Follower> {
    const wrapped = `exec sh -c ${quoted(SURROUNDINGS + untilInputEnds(command, sudo))}`
    const { channel, ended } = await this.#within(this.#exec(wrapped, (opened) => ({ channel: opened, ended: linesOf(opened, onLine) })))
    return { ended: this.#within(ended.then((answer) => answer ?? this.#lost)), stop: () => void channel.end() }
  }

  async upload(path: string, content: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.#hasSftp && (await this.#uploadBySftp(path, content))) return
    const result = await this.run(`umask 077; cat > ${quoted(path)}`, { input: content, signal })
    if (result.exitCode !== 0) throw boardFailure(`Cannot write ${path} on ${this.name}`, result)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.toReversed()) client.end()
  }

  /** False where the board has no SFTP, or it fails: the plain shell then says why. */
  async #uploadBySftp(path: string, content: Uint8Array): Promise<boolean> {
    const sftp = await this.#within(this.#sftp())
    if (sftp === null) {
      this.#hasSftp = false
      return false
    }
    try {
      return await this.#within(
        new Promise<boolean>((resolve) => {
          sftp.writeFile(path, Buffer.from(content), { mode: 0o600 }, (error) => resolve(!error))
        }),
      )
    } finally {
      const closed = new Promise<void>((resolve) => void sftp.once('close', resolve))
      sftp.end()
      // Dropbear refuses a command that comes while a channel is closing.
      await this.#within(closed)
    }
  }

  #sftp(): Promise<SFTPWrapper | null> {
    return new Promise((resolve) => {
      this.#client.sftp((error, sftp) => resolve(error ? null : sftp))
    })
  }

  /** How it ended is listened for at once: a quick command has ended before a promise could hand its channel on. */
  #exec<T>(command: string, listen: (channel: ClientChannel) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#client.exec(command, (error, channel) => {
        if (error)
          reject(new AppError('DEVICE_UNREACHABLE', `${this.name} runs no command: ${error.message}`, 'Check its SSH server.', error))
        else resolve(listen(channel))
      })
    })
  }

  #within<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#lost])
  }
}

/** Both outputs have to be read, or the channel never closes. null when it closed and nobody said how the command ended. */
function resultOf(channel: ClientChannel, input: Uint8Array): Promise<ShellResult | null> {
  return new Promise((resolve) => {
    const outputs = { stdout: '', stderr: '' }
    let exitCode: number | null = null
    const collect = (name: keyof typeof outputs) => (text: string) => {
      if (outputs[name].length < OUTPUT_LIMIT_BYTES) outputs[name] += text.slice(0, OUTPUT_LIMIT_BYTES - outputs[name].length)
    }
    channel.setEncoding('utf8')
    channel.on('data', collect('stdout'))
    channel.stderr.setEncoding('utf8').on('data', collect('stderr'))
    channel.on('exit', (code: number | null) => (exitCode = code ?? 255))
    // A command that ends early does not read it all.
    channel.on('error', () => undefined)
    channel.on('close', () => resolve(exitCode === null ? null : { exitCode, ...outputs }))
    channel.end(Buffer.from(input))
  })
}

/** Ends a command when its input ends: one that waits for news does not notice that nobody reads it any more. */
function untilInputEnds(command: string, sudo: string): string {
  return `exec 3<&0
${command} </dev/null 3<&- &
j=$!
(cat <&3; ${sudo} kill $j) >/dev/null 2>&1 &
w=$!
wait $j
c=$?
kill $w 2>/dev/null
exit $c`
}

/** Reads what comes in lines. null when it closed and nobody said how the command ended. */
function linesOf(channel: ClientChannel, onLine: (line: string) => void): Promise<ShellResult | null> {
  return new Promise((resolve) => {
    let [rest, stderr] = ['', '']
    let exitCode: number | null = null
    channel.setEncoding('utf8')
    channel.on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (; rest.length > LINE_LIMIT; rest = rest.slice(LINE_LIMIT)) lines.push(rest.slice(0, LINE_LIMIT))
      for (const line of lines) onLine(line)
    })
    channel.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = `${stderr}${text}`.slice(-LINE_LIMIT)))
    channel.on('exit', (code: number | null) => (exitCode = code ?? 255))
    channel.on('error', () => undefined)
    channel.on('close', () => resolve(exitCode === null ? null : { exitCode, stdout: '', stderr }))
  })
}
