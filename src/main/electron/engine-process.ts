import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { z } from 'zod'
import { AppError, failure, type Failure } from '../contract/errors.ts'
import { Changes } from '../engine/lib/changes.ts'

export interface EngineState {
  state: 'starting' | 'running' | 'stopped'
  failure: Failure | null
}

/** What is used of a page's message port, Electron's `MessagePortMain`. */
export interface PagePort {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  postMessage(data: unknown): void
  start(): void
  close(): void
}

export interface EngineProgram {
  /** Candidates for Node 24; the first that exists is taken. */
  nodes: readonly string[]
  file: string
  args: readonly string[]
}

/** What the engine says to the shell. `data` is a page's conversation and is not looked into. */
const fromEngine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), failure }),
  z.object({ kind: z.literal('data'), port: z.number(), data: z.unknown() }),
])

const STOP_TIMEOUT_MS = 5000
/** Of its main thread, once it has started: where both have a lot to do, a person first sees what they do. An idle core it has all the same. */
const BEHIND_WINDOW = 5
const LOWEST = 19

/** The engine as a child process: starts it, relays between it and the pages' ports, sees it die, starts it again. */
export class EngineProcess {
  readonly changes = new Changes()
  readonly #program: EngineProgram
  readonly #ports = new Map<number, PagePort>()
  #child: ChildProcess | null = null
  #state: EngineState = { state: 'stopped', failure: null }
  #lastPort = 0
  #isStopping = false
  #introduction: object | null = null

  constructor(program: EngineProgram) {
    this.#program = program
  }

  get state(): EngineState {
    return this.#state
  }

  start(): void {
    if (this.#child !== null) return
    const node = this.#program.nodes.find((path) => existsSync(path))
    if (node === undefined) {
      const tried = this.#program.nodes.join(', ')
      this.#become(
        'stopped',
        new AppError('TOOL_MISSING', `No Node 24 at ${tried}`, 'Start the app with ./run, which sets it up.').toFailure(),
      )
      return
    }
    const child = fork(this.#program.file, this.#program.args, { execPath: node, execArgv: [], serialization: 'advanced' })
    this.#child = child
    this.#become('starting', null)
    if (this.#introduction !== null) this.#send(this.#introduction)
    child.on('message', (message) => this.#receive(message))
    child.on('error', (error) => this.#ended(child, error.message))
    child.on('exit', (code, signal) => this.#ended(child, signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`))
  }

  /** What every engine hears before any page: the one that runs now, and those to come. */
  introduce(message: object): void {
    this.#introduction = message
    this.#send(message)
  }

  /** Joins a page's port to the engine. While no engine runs the port is closed at once, which fails the calls that wait on it. */
  open(port: PagePort): void {
    if (this.#state.state !== 'running') {
      port.close()
      return
    }
    const number = ++this.#lastPort
    this.#ports.set(number, port)
    port.on('message', (event) => this.#send({ kind: 'data', port: number, data: event.data }))
    port.on('close', () => {
      if (this.#ports.delete(number)) this.#send({ kind: 'close', port: number })
    })
    this.#send({ kind: 'open', port: number })
    port.start()
  }

  /** Ends the engine in good order, by force after some seconds. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === null) return
    this.#isStopping = true
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    this.#send({ kind: 'stop' })
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(timer)
  }

  async restart(): Promise<void> {
    await this.stop()
    this.#isStopping = false
    this.start()
  }

  #send(message: object): void {
    // A send after the channel went down would throw in the shell; the exit that follows closes the ports.
    if (this.#child?.connected) this.#child.send(message)
  }

  #receive(message: unknown): void {
    const parsed = fromEngine.safeParse(message)
    if (!parsed.success) return
    if (parsed.data.kind === 'data') this.#ports.get(parsed.data.port)?.postMessage(parsed.data.data)
    else if (parsed.data.kind === 'ready') this.#begin()
    else this.#become('stopped', parsed.data.failure)
  }

  #begin(): void {
    this.#become('running', null)
    const pid = this.#child?.pid
    if (pid === undefined) return
    try {
      setPriority(pid, Math.min(LOWEST, getPriority() + BEHIND_WINDOW))
    } catch {
      // It has just ended, which is told elsewhere, or this system lets nobody do that.
    }
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#child = null
    const ports = [...this.#ports.values()]
    this.#ports.clear()
    for (const port of ports) port.close()
    const said = this.#state.state === 'stopped' ? this.#state.failure : null
    this.#become('stopped', this.#isStopping ? null : (said ?? stopped(how)))
  }

  #become(state: EngineState['state'], why: Failure | null): void {
    this.#state = { state, failure: why }
    this.changes.bump()
  }
}

function stopped(how: string): Failure {
  const hint = 'Start it again. Everything that the server had acknowledged is on disk.'
  return new AppError('ENGINE_STOPPED', `The engine ended (${how}).`, hint).toFailure()
}
