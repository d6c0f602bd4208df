import { t } from '@lingui/core/macro'
import { AppError, toAppError } from '@contract/errors.ts'
import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { Connection, type Desktop, type Engine, type Link } from './connection.ts'
import { hasSession } from './browser-session.ts'
import { hearEngine } from './hear-engine.ts'
import { shell } from './shell.ts'

/** Connects to the engine: through the shell's ports in the app, through a WebSocket in a browser. */
export function connect(): Connection {
  const connection = new Connection()
  if (shell === null) followSocket(connection)
  else followShell(connection).catch((thrown: unknown) => connection.become({ kind: 'stopped', failure: toAppError(thrown).toFailure() }))
  return connection
}

const GONE = new AppError(
  'ENGINE_STOPPED',
  t`The engine is gone.`,
  t`Start it again. Everything that the server had acknowledged is on disk.`,
)

async function followShell(connection: Connection): Promise<void> {
  const desktop: Desktop = createORPCClient(new PortLink({ port: await requestPort('desktop'), interceptors: [hearEngine] }))
  connection.desktop = desktop
  connection.onRestart(() => desktop.restartEngine())
  for await (const { state, failure } of await desktop.engine()) {
    if (state === 'running') openPort(connection, await requestPort('engine'))
    else if (state === 'stopped') connection.become({ kind: 'stopped', failure: failure ?? GONE.toFailure() })
    else connection.become({ kind: 'connecting' })
  }
}

function openPort(connection: Connection, port: MessagePort): void {
  const engine: Engine = createORPCClient(new PortLink({ port, interceptors: [hearEngine] }))
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

/** Connects as soon as the browser is logged in, and again whenever the connection has ended. */
function followSocket(connection: Connection): void {
  const url = new URL('/ui/rpc', window.location.href)
  url.protocol = url.protocol.replace('http', 'ws')
  const open = (): void => {
    const socket = new WebSocket(url)
    const link: Link = { kind: 'open', engine: createORPCClient(new SocketLink({ websocket: socket, interceptors: [hearEngine] })) }
    let wasOpen = false
    socket.addEventListener('open', () => {
      wasOpen = true
      connection.become(link)
    })
    socket.addEventListener('close', () => {
      if (wasOpen) void begin()
      else lost()
    })
  }
  const lost = (): void => {
    const hint = t`Start \`otabench serve --ui\` and open the address that it prints. This page tries again by itself.`
    connection.become({ kind: 'stopped', failure: new AppError('ENGINE_STOPPED', t`No engine answers at ${url.host}.`, hint).toFailure() })
    setTimeout(() => void begin(), RETRY_MS)
  }
  const begin = async (): Promise<void> => {
    try {
      if (await hasSession()) open()
      else connection.become({ kind: 'login' })
    } catch {
      lost()
    }
  }
  connection.onRestart(begin)
  void begin()
}
