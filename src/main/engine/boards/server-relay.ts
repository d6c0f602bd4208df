import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'
import { AppError } from '../../contract/errors.ts'

export interface ServerAddress {
  host: string
  port: number
}

/** Listens on all addresses, the loopback one among them. */
const WHOLE = ['0.0.0.0', '::']
const LOOPBACK = '127.0.0.1'

/** Whether a board that asks 10.0.2.2 at this TCP port comes out at the server: QEMU takes it to 127.0.0.1. */
export function isReachedBy(port: number, server: ServerAddress): boolean {
  return server.port === port && [...WHOLE, LOOPBACK, 'localhost'].includes(server.host)
}

/**
 * Leads from the TCP port at which a board looks for its server to where the server listens now: the port is written on its card, and the
 * server may have moved since. PORT_IN_USE when another program has the port.
 */
export async function relayTo(port: number, server: () => ServerAddress | null): Promise<AsyncDisposable> {
  const open = new Set<Socket>()
  const listener = createServer((near) => {
    const there = server()
    if (!there) return void near.destroy()
    const far = connect({ port: there.port, host: WHOLE.includes(there.host) ? LOOPBACK : there.host })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one)
      one.on('error', () => other.destroy()).on('close', () => open.delete(one))
      one.pipe(other)
    }
  })
  listener.listen({ port, host: LOOPBACK, exclusive: true })
  await once(listener, 'listening').catch((thrown: unknown) => {
    const hint = 'The card of the board says that its server is there. Stop that program, or make the board anew.'
    throw new AppError('PORT_IN_USE', `Another program listens on TCP port ${port}`, hint, thrown)
  })
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(listener, 'close')
      listener.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
