import type { FastifyInstance, preHandlerHookHandler } from 'fastify'
import type { WebSocket } from 'ws'
import type { DeviceLine } from '../connect/lines.ts'
import { type DeviceParts, heard } from './device-parts.ts'
import { deviceTokenOf } from './device-token.ts'
import { websocketPipe } from './websocket-pipe.ts'

/** The connection that mender-connect holds open. One a device: a new one takes the place of the old. */
export function registerDeviceConnect(scope: FastifyInstance, parts: DeviceParts): void {
  const { lines, sockets, tokens } = parts
  // The answer to the request holds everything of it as long as it has the socket, which is as long as the device is connected.
  const letGo: preHandlerHookHandler = ({ ws: isUpgrade, raw: { socket } }, reply, done) => {
    if (isUpgrade) reply.raw.detachSocket(socket)
    done()
  }
  scope.get('/v1/deviceconnect/connect', { websocket: true, preHandler: letGo }, (socket: WebSocket, request) => {
    const { deviceId } = request
    const token = deviceTokenOf(request) ?? ''
    const line: DeviceLine = lines.attach(
      deviceId,
      websocketPipe(socket, (message) => line.receive(message)),
    )
    socket.once('close', () => line.ended('The device has disconnected'))
    socket.on('pong', () => heard(parts, deviceId))
    sockets.add(socket, () => {
      const checked = tokens.check(token)
      return checked.kind === 'valid' ? null : checked.why
    })
  })
}
