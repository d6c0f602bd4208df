// Devices that hold a connection and say nothing, in a process of their own.
import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ConnectOrder } from '../connect.ts'

process.on('message', ({ url, tokens }: ConnectOrder) => {
  const sockets = tokens.map((token) => new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, perMessageDeflate: false }))
  void Promise.all(sockets.map((socket) => once(socket, 'open'))).then(() => process.send?.(sockets.length))
})
