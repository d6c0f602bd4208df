import type { FastifyInstance } from 'fastify'
import { reportConfiguration } from './configuration-actions.ts'
import { type DeviceParts, readBody } from './device-parts.ts'
import { configurationBody } from './wire-configuration.ts'

const PATH = '/v1/deviceconfig/configuration'

/** What mender-configure asks and tells: the wanted configuration, and the one that is in force. */
export function registerDeviceConfig(scope: FastifyInstance, parts: DeviceParts): void {
  scope.get(PATH, async ({ deviceId }) => parts.store.configurations.get(deviceId).configured)
  scope.put(PATH, async (request, reply) => {
    reportConfiguration(parts, request.deviceId, readBody(request, configurationBody))
    return reply.code(204).send()
  })
}
