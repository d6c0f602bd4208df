import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { type Socket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface BenchLineOptions {
  /** What sits at the far end, as words of socat's EXEC. */
  program: string
  noise?: Noise
  /** Where the board keeps what is temporary, if it outlives the line. No other board may have the same at the same time. */
  temporary?: string
}

/** Breaks into what the board says; answers what comes out. */
type Noise = (chunk: Buffer) => Buffer

/** A serial line with a console at its end: a pair of ptys by socat, and us in between. */
export class BenchLine implements AsyncDisposable {
  readonly folder: string
  readonly #children: ChildProcess[]
  readonly #sockets: Socket[]
  /** What was typed to the board. */
  typed = ''
  #noise: Noise = (chunk) => chunk

  private constructor(folder: string, children: ChildProcess[], sockets: Socket[]) {
    this.folder = folder
    this.#children = children
    this.#sockets = sockets
  }

  get path(): string {
    return join(this.folder, 'port')
  }

  static async start({ program, noise, temporary }: BenchLineOptions): Promise<BenchLine> {
    if (!existsSync('/usr/bin/socat')) throw new Error('socat is not installed: apt-get install socat')
    const folder = mkdtempSync(join(tmpdir(), 'otabench-line-'))
    const [children, sockets]: [ChildProcess[], Socket[]] = [[], []]
    const line = new BenchLine(folder, children, sockets)
    if (noise) line.#noise = noise
    const accept = async (name: string, start: () => ChildProcess): Promise<Socket> => {
      const server = createServer().listen(join(folder, name))
      await once(server, 'listening')
      const connected = once(server, 'connection')
      children.push(start())
      const [socket]: Socket[] = await connected
      server.close()
      if (!socket) throw new Error('socat did not connect')
      sockets.push(socket.on('error', () => undefined))
      return socket
    }
    const near = await accept('near', () =>
      spawn('socat', [`PTY,link=${line.path},raw,echo=0`, `UNIX-CONNECT:${join(folder, 'near')}`], { stdio: 'ignore' }),
    )
    const env = { ...process.env, TMPDIR: temporary ?? folder }
    const far = await accept('far', () =>
      spawn('socat', [`UNIX-CONNECT:${join(folder, 'far')}`, `EXEC:${program},pty,setsid,ctty,stderr,sane`], { stdio: 'ignore', env }),
    )
    far.on('data', (chunk: Buffer) => near.write(line.#noise(chunk)))
    near.on('data', (chunk: Buffer) => {
      line.typed += chunk.toString('latin1')
      far.write(chunk)
    })
    return line
  }

  /** From now on nothing breaks in. */
  hush(): void {
    this.#noise = (chunk) => chunk
  }

  /** Pulls the plug on our side. */
  unplug(): void {
    // The name goes as well: another program may be given the same pty at once.
    rmSync(this.path, { force: true })
    this.#children[0]?.kill('SIGKILL')
  }

  /** Plugs it in again: another pty, under the same name. */
  async plugAgain(): Promise<void> {
    const path = join(this.folder, 'again')
    const server = createServer().listen(path)
    await once(server, 'listening')
    const connected = once(server, 'connection')
    this.#children.unshift(spawn('socat', [`PTY,link=${this.path},raw,echo=0`, `UNIX-CONNECT:${path}`], { stdio: 'ignore' }))
    const [near]: Socket[] = await connected
    server.close()
    const far = this.#sockets[1]
    if (!near || !far) throw new Error('socat did not connect')
    this.#sockets.push(near.on('error', () => undefined))
    far.on('data', (chunk: Buffer) => near.write(chunk))
    near.on('data', (chunk: Buffer) => far.write(chunk))
  }

  /** Another program, which has the port for itself until it is ended. */
  async heldByAnother(): Promise<{ pid: number } & AsyncDisposable> {
    const child = spawn('flock', ['--no-fork', this.path, 'sh', '-c', 'echo held; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#children.push(child)
    await once(child.stdout, 'data')
    return {
      pid: child.pid ?? 0,
      async [Symbol.asyncDispose]() {
        const ended = once(child, 'exit')
        child.kill('SIGKILL')
        await ended
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A kernel that is never silent: it breaks into lines, at places that a seed decides. */
export function kernelNoise(seed: number): (chunk: Buffer) => Buffer {
  const state = { value: seed, count: 0 }
  const next = (below: number): number => {
    state.value = (Math.imul(state.value, 1_664_525) + 1_013_904_223) >>> 0
    return state.value % below
  }
  return (chunk) => {
    if (next(5) !== 0) return chunk
    state.count += 1
    const at = next(chunk.length)
    const message = `[ ${String(100 + state.count)}.${String(next(1e6)).padStart(6, '0')}] usb 1-1: new high-speed USB device number ${state.count}\r\n`
    return Buffer.concat([chunk.subarray(0, at), Buffer.from(message), chunk.subarray(at)])
  }
}
