import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { configureDevice, deployConfiguration } from './configuration-actions.ts'
import { pollSoon } from './connect-actions.ts'
import { findDevice } from './device-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { configurationBody, configurationDeploymentBody, configurationJson } from './wire-configuration.ts'

const ONE = '/v1/deviceconfig/configurations/device/:deviceId'
const params = z.object({ deviceId: z.string() })
/** The document has 400 for whatever cannot be deployed. */
const deploys = { config: { statusOf: { CONFLICT: 400 } } } as const

/** The configuration of devices: what they are meant to be set to, what they report, and its deployment. */
export function registerConfig(scope: FastifyInstance, parts: ManagementParts): void {
  scope.get(ONE, async (request) => {
    const { id } = findDevice(parts, parseInput(params, request.params).deviceId)
    return configurationJson(id, parts.store.configurations.get(id))
  })
  scope.put(ONE, { config: { statusOf: { NOT_FOUND: 400 } } }, async (request, reply) => {
    configureDevice(parts, parseInput(params, request.params).deviceId, parseInput(configurationBody, request.body))
    return reply.code(204).send()
  })
  scope.post(`${ONE}/deploy`, deploys, async (request) => {
    const { deviceId } = parseInput(params, request.params)
    const updateControlMap = parseInput(configurationDeploymentBody, request.body)
    const { id } = await deployConfiguration(parts, { deviceId, updateControlMap })
    pollSoon(parts, deviceId)
    return { deployment_id: id }
  })
}
