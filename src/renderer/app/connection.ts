import { AppError, type Failure, toAppError } from '@contract/errors.ts'
import type { desktop as desktopContract } from '@contract/desktop.ts'
import type { contract } from '@contract/index.ts'
import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { shell } from './shell.ts'

export type Engine = ContractRouterClient<typeof contract>
export type Desktop = ContractRouterClient<typeof desktopContract>

export type Link = { kind: 'connecting' } | { kind: 'open'; engine: Engine } | { kind: 'stopped'; failure: Failure }

/** The page's way to the engine. It outlives engines: each new one gets a new `open` link. */
export class Connection {
  /** null in a browser. */
  desktop: Desktop | null = null
  #link: Link = { kind: 'connecting' }
  #listeners = new Set<() => void>()
  #restart: () => Promise<void> = () => Promise.resolve()

  get link(): Link {
    return this.#link
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  become(link: Link): void {
    this.#link = link
    for (const listener of this.#listeners) listener()
  }

  onRestart(restart: () => Promise<void>): void {
    this.#restart = restart
  }

  async restart(): Promise<void> {
    this.become({ kind: 'connecting' })
    try {
      await this.#restart()
    } catch (thrown) {
      this.become({ kind: 'stopped', failure: toAppError(thrown).toFailure() })
    }
  }

  /** The engine, as soon as there is one. Fails with the reason when it is stopped. */
  async engine(): Promise<Engine> {
    while (this.#link.kind === 'connecting') await this.#change()
    if (this.#link.kind === 'open') return this.#link.engine
    const { code, message, hint } = this.#link.failure
    throw new AppError(code, message, hint)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.subscribe(() => {
        stop()
        resolve()
      })
    })
  }

  /** What a rejected call failed of: an engine that is gone explains every call that waited on it. */
  explain(thrown: unknown): Failure {
    if (this.#link.kind === 'stopped') return this.#link.failure
    return toAppError(thrown).toFailure()
  }
}

/** Connects to the engine: through the shell's ports in the app, through a WebSocket in a browser. */
export function connect(): Connection {
  const connection = new Connection()
  if (shell === null) followSocket(connection)
  else followShell(connection).catch((thrown: unknown) => connection.become({ kind: 'stopped', failure: toAppError(thrown).toFailure() }))
  return connection
}

const GONE = new AppError(
  'ENGINE_STOPPED',
  'The engine is gone.',
  'Start it again. Everything that the server had acknowledged is on disk.',
)

async function followShell(connection: Connection): Promise<void> {
  const desktop: Desktop = createORPCClient(new PortLink({ port: await requestPort('desktop') }))
  connection.desktop = desktop
  connection.onRestart(() => desktop.restartEngine())
  for await (const { state, failure } of await desktop.engine()) {
    if (state === 'running') openPort(connection, await requestPort('engine'))
    else if (state === 'stopped') connection.become({ kind: 'stopped', failure: failure ?? GONE.toFailure() })
    else connection.become({ kind: 'connecting' })
  }
}

function openPort(connection: Connection, port: MessagePort): void {
  const engine: Engine = createORPCClient(new PortLink({ port }))
  const link: Link = { kind: 'open', engine }
  port.addEventListener('close', () => {
    if (connection.link === link) connection.become({ kind: 'stopped', failure: GONE.toFailure() })
  })
  port.start()
  connection.become(link)
}

/** A fresh port from the shell, started by whoever listens on it. */
function requestPort(kind: 'engine' | 'desktop'): Promise<MessagePort> {
  return new Promise((resolve) => {
    function receive(event: MessageEvent<unknown>): void {
      const port = event.ports[0]
      if (event.source !== window || port === undefined || !isPortFor(event.data, kind)) return
      window.removeEventListener('message', receive)
      if (kind === 'desktop') port.start()
      resolve(port)
    }
    window.addEventListener('message', receive)
    shell?.connect(kind)
  })
}

function isPortFor(message: unknown, kind: string): boolean {
  return typeof message === 'object' && message !== null && 'port' in message && message.port === kind
}

const RETRY_MS = 1500

function followSocket(connection: Connection): void {
  const url = new URL('/ui/rpc', window.location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  const token = sessionToken()
  if (token !== null) url.searchParams.set('token', token)
  const open = (): void => {
    const socket = new WebSocket(url)
    const link: Link = { kind: 'open', engine: createORPCClient(new SocketLink({ websocket: socket })) }
    socket.addEventListener('open', () => connection.become(link))
    socket.addEventListener('close', () => {
      const hint = 'Start `otabench serve --ui` and open the address that it prints. This page tries again by itself.'
      const failure = new AppError('ENGINE_STOPPED', `No engine answers at ${url.host}.`, hint).toFailure()
      connection.become({ kind: 'stopped', failure })
      setTimeout(open, RETRY_MS)
    })
  }
  open()
}

/** The token of the address that was opened, kept for reloads and taken out of the address bar. */
function sessionToken(): string | null {
  const given = new URLSearchParams(window.location.hash.slice(1)).get('token')
  if (given !== null) {
    sessionStorage.setItem('token', given)
    window.history.replaceState(null, '', window.location.pathname)
  }
  return sessionStorage.getItem('token')
}
