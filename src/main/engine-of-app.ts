import { RPCHandler } from '@orpc/server/message-port'
import { z } from 'zod'
import { parseAddress } from './cli/args.ts'
import { toAppError } from './contract/errors.ts'
import { tellChanges } from './contract/live-changes.ts'
import { type Engine, createEngine } from './engine/engine.ts'
import { nodeHost } from './engine/host.node.ts'
import { IpcPort } from './engine/ipc-port.ts'

/** What the app says to its engine. Ports are the page's message ports, numbered by the app. */
const message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open'), port: z.number() }),
  z.object({ kind: z.literal('data'), port: z.number(), data: z.unknown() }),
  z.object({ kind: z.literal('close'), port: z.number() }),
  z.object({ kind: z.literal('keychain'), name: z.string(), wrappingKey: z.string() }),
  z.object({ kind: z.literal('no-keychain'), why: z.string() }),
  z.object({ kind: z.literal('stop') }),
])

type Message = z.infer<typeof message>

const startOptions = z.object({
  data: z.string(),
  http: z.string(),
  https: z.string().nullable(),
  isPortFlexible: z.boolean().default(false),
  adminPassword: z.string().optional(),
})

/** Posts to the app; silently nothing once the app is gone. */
function post(value: unknown): void {
  if (process.connected) process.send?.(value)
}

function serve(engine: Engine): void {
  const handler = new RPCHandler(engine.router, { clientInterceptors: [tellChanges] })
  const ports = new Map<number, IpcPort>()
  const stop = async (): Promise<void> => {
    for (const port of ports.values()) port.close()
    await engine.close()
    process.exit(0)
  }
  process.on('message', (received) => {
    const parsed = message.parse(received)
    if (parsed.kind === 'stop') return void stop()
    if (parsed.kind === 'keychain' || parsed.kind === 'no-keychain') return void protect(engine, parsed)
    const { port: number } = parsed
    if (parsed.kind === 'open') {
      const port = new IpcPort((data) => post({ kind: 'data', port: number, data }))
      ports.set(number, port)
      handler.upgrade(port)
    } else if (parsed.kind === 'data') ports.get(number)?.receive(parsed.data)
    else {
      ports.get(number)?.close()
      ports.delete(number)
    }
  })
  // An engine must not outlive its app: nobody could see or stop it.
  process.on('disconnect', () => void stop())
  // The app may have died while the engine was starting: then nobody is left to say so.
  if (!process.connected) void stop()
}

/** Takes over the app's keychain. Keys that cannot be sealed now stay as they are: the start goes on. */
async function protect(engine: Engine, said: Extract<Message, { kind: 'keychain' | 'no-keychain' }>): Promise<void> {
  try {
    if (said.kind === 'no-keychain') await engine.useKeychain(null, said.why)
    else await engine.useKeychain({ name: said.name, wrappingKey: Buffer.from(said.wrappingKey, 'base64') }, '')
  } catch (thrown) {
    process.stderr.write(`The private keys were not sealed: ${toAppError(thrown).message}\n`)
  }
}

/** The engine as the app starts it, talking over Node's channel. `argument`: its options as JSON. */
export async function main(argument: string | undefined): Promise<void> {
  try {
    const options = startOptions.parse(JSON.parse(argument ?? '{}'))
    const engine = await createEngine(nodeHost(), {
      dataFolder: options.data,
      http: parseAddress(options.http),
      https: options.https === null ? null : parseAddress(options.https),
      isPortFlexible: options.isPortFlexible,
      adminPassword: options.adminPassword,
    })
    serve(engine)
    post({ kind: 'ready' })
  } catch (thrown) {
    post({ kind: 'failed', failure: toAppError(thrown).toFailure() })
    process.exitCode = 1
    process.disconnect?.()
  }
}
