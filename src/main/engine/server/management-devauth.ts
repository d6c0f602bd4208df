import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { StoredDevice } from '../store/devices.ts'
import {
  decommissionDevice,
  deviceOfIdentity,
  findAuthset,
  findDevice,
  preauthorizeDevice,
  removeAuthset,
  revokeTokens,
  setAuthsetStatus,
} from './device-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { authsetStatusBody, authsetStatusJson, countQuery, deviceJson, deviceQuery, preauthorizeBody } from './wire-management.ts'
import { type Page, readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const BASE = '/v2/devauth/devices'
const idParams = z.object({ id: z.string() })
const authsetParams = z.object({ id: z.string(), aid: z.string() })

/** Who may talk to the server: devices and their keys. */
export function registerDevauth(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  const toJson = (device: StoredDevice) => deviceJson(device, store.authsets.ofDevice(device.id))
  scope.get(BASE, async (request, reply) => {
    const page = readPage(request.query)
    const { devices, total } = find(parts, request.query, page)
    setPageHeaders(request, reply, { ...page, total })
    return devices.map(toJson)
  })
  scope.post(`${BASE}/search`, async (request, reply) => {
    const page = readPage(request.query)
    const { devices, total } = find(parts, request.body ?? {}, page)
    setPageHeaders(request, reply, { ...page, total })
    return devices.map(toJson)
  })
  scope.get(`${BASE}/count`, async (request) => ({ count: store.devices.count(parseInput(countQuery, request.query).status) }))
  scope.get(`${BASE}/:id`, async (request) => toJson(findDevice(parts, parseInput(idParams, request.params).id)))
  scope.delete(`${BASE}/:id`, async (request, reply) => {
    decommissionDevice(parts, parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
  scope.post(BASE, async (request, reply) => {
    const wanted = parseInput(preauthorizeBody, request.body)
    const known = wanted.isForced ? null : deviceOfIdentity(parts, wanted.identity)
    if (known) return reply.code(409).send(toJson(known))
    const { id } = preauthorizeDevice(parts, wanted)
    return reply.code(201).header('location', `/api/management${BASE}/${id}`).send()
  })
  registerAuthsets(scope, parts)
  scope.delete('/v2/devauth/tokens/:id', async (request, reply) => {
    revokeTokens(parts, parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
  scope.get('/v2/devauth/limits/max_devices', async () => ({ limit: -1 }))
}

function registerAuthsets(scope: FastifyInstance, parts: ManagementParts): void {
  const path = `${BASE}/:id/auth/:aid`
  scope.get(`${path}/status`, async (request) => {
    const { id, aid } = parseInput(authsetParams, request.params)
    return authsetStatusJson(findAuthset(parts, id, aid).status)
  })
  scope.put(`${path}/status`, async (request, reply) => {
    const { id: deviceId, aid: authsetId } = parseInput(authsetParams, request.params)
    setAuthsetStatus(parts, { deviceId, authsetId, ...parseInput(authsetStatusBody, request.body) })
    return reply.code(204).send()
  })
  scope.delete(path, async (request, reply) => {
    const { id, aid } = parseInput(authsetParams, request.params)
    removeAuthset(parts, id, aid)
    return reply.code(204).send()
  })
}

function find({ store }: ManagementParts, query: unknown, page: Page): { devices: StoredDevice[]; total: number } {
  const { status, id } = parseInput(deviceQuery, query)
  const range = { offset: page.offset, limit: page.perPage }
  if (id === undefined && status !== undefined && status.length > 1) {
    const statuses = [...new Set(status)]
    const total = statuses.reduce((sum, each) => sum + store.devices.count(each), 0)
    return { devices: store.devices.pageOfStatuses(statuses, range), total }
  }
  if (id === undefined) return { devices: store.devices.page({ status: status?.[0], ...range }), total: store.devices.count(status?.[0]) }
  const found = store.devices.byIds(id).filter((device) => status === undefined || status.includes(device.status))
  return { devices: slicePage(found, page), total: found.length }
}
