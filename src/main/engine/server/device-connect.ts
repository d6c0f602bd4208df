import type { FastifyInstance } from 'fastify'
import type { WebSocket } from 'ws'
import type { DeviceLine } from '../connect/lines.ts'
import { type DeviceParts, heard } from './device-parts.ts'
import { deviceTokenOf } from './device-token.ts'
import { websocketPipe } from './websocket-pipe.ts'

/** The connection that mender-connect holds open. One a device: a new one takes the place of the old. */
export function registerDeviceConnect(scope: FastifyInstance, parts: DeviceParts): void {
  const { lines, sockets, tokens } = parts
  scope.get('/v1/deviceconnect/connect', { websocket: true }, (socket: WebSocket, request) => {
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
