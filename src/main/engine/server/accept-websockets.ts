import fastifyWebsocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'

/** Above the longest text that somebody pastes into a terminal, or an operation of the page carries. */
const MAX_MESSAGE_BYTES = 1 << 20

/** Lets routes of the app be WebSockets. */
export async function acceptWebsockets(app: FastifyInstance): Promise<void> {
  await app.register(fastifyWebsocket, { options: { maxPayload: MAX_MESSAGE_BYTES } })
}
