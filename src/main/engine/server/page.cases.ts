import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import type { EngineClient } from '../../cli/context.ts'
import { hearChanges } from '../../contract/live-changes.ts'

/** The connection of a page in a browser, with a cookie or none. */
export function pageSocket(url: string, cookie: string | null): WebSocket {
  return new WebSocket(`${url.replace('http', 'ws')}/ui/rpc`, { headers: { ...(cookie !== null && { cookie }), origin: url } })
}

/** The operations as a page has them. */
export function pageClient(socket: WebSocket): EngineClient {
  return createORPCClient(new RPCLink({ websocket: socket, interceptors: [hearChanges] }))
}
