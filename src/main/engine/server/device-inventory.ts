import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Attribute } from '../store/inventory.ts'
import { type DeviceParts, readBody, reported } from './device-parts.ts'
import { inventoryBody } from './wire.ts'

const PATH = '/v1/inventory/device/attributes'

/** What a device says of itself. The answer has to be exactly 200: clients take 204 for a failure. */
export function registerDeviceInventory(scope: FastifyInstance, parts: DeviceParts): void {
  const { store, now } = parts
  scope.put(PATH, async (request, reply) => {
    const attributes = readBody(request, inventoryBody)
    store.transaction(() => {
      store.inventory.replace(request.deviceId, 'inventory', attributes, now())
      keepReported(parts, request, attributes)
    })
    return reply.code(200).send()
  })
  scope.patch(PATH, async (request, reply) => {
    const attributes = readBody(request, inventoryBody)
    store.transaction(() => {
      store.inventory.merge(request.deviceId, attributes, now())
      keepReported(parts, request, attributes)
    })
    return reply.code(200).send()
  })
}

function keepReported(parts: DeviceParts, { deviceId }: FastifyRequest, attributes: readonly Attribute[]): void {
  const valueOf = (wanted: string): string | null => {
    const value = attributes.find(({ name }) => name === wanted)?.value
    return typeof value === 'string' && value !== '' ? value : null
  }
  reported(parts, deviceId, { deviceType: valueOf('device_type'), artifactName: valueOf('artifact_name') })
}
