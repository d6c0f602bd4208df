import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { findDevice } from './device-actions.ts'
import { putInGroup } from './filter-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { deviceIdsBody, groupBody, groupJson, groupParams, groupsQuery, matchedJson, updatedJson } from './wire-management.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const BASE = '/v1/inventory'
const idParams = z.object({ id: z.string() })

/** Groups: a device is in one at most, and a group is there as long as a device is in it. */
export function registerGroups(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  const members = (group: string, status?: string) =>
    store.devices.ofGroup(group).filter((device) => status === undefined || device.status === status)

  scope.get(`${BASE}/groups`, async (request) => {
    const { status } = parseInput(groupsQuery, request.query)
    const groups = [...store.devices.groups().keys()]
    return status === undefined ? groups : groups.filter((group) => members(group, status).length > 0)
  })
  scope.get(`${BASE}/groups/:name/devices`, async (request, reply) => {
    const found = members(parseInput(groupParams, request.params).name)
    if (found.length === 0) throw unknownGroup(parseInput(groupParams, request.params).name)
    const page = readPage(request.query, 10)
    setPageHeaders(request, reply, { ...page, total: found.length })
    return slicePage(found, page).map(({ id }) => id)
  })
  scope.delete(`${BASE}/groups/:name`, async (request) => {
    const { name } = parseInput(groupParams, request.params)
    const ids = members(name).map(({ id }) => id)
    if (ids.length === 0) throw unknownGroup(name)
    return updatedJson(store.devices.setGroup(ids, null))
  })
  scope.patch(`${BASE}/groups/:name/devices`, async (request) => {
    const { name } = parseInput(groupParams, request.params)
    const known = store.devices.byIds(parseInput(deviceIdsBody, request.body))
    const moved = known.filter(({ group }) => group !== name).map(({ id }) => id)
    putInGroup(parts, moved, name)
    return matchedJson({ updated: moved.length, matched: known.length })
  })
  scope.delete(`${BASE}/groups/:name/devices`, async (request) => {
    const { name } = parseInput(groupParams, request.params)
    const leaving = store.devices.byIds(parseInput(deviceIdsBody, request.body)).filter(({ group }) => group === name)
    return updatedJson(
      store.devices.setGroup(
        leaving.map(({ id }) => id),
        null,
      ),
    )
  })
  registerMembership(scope, parts)
}

function registerMembership(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  const path = `${BASE}/devices/:id/group`
  scope.get(path, async (request) => groupJson(findDevice(parts, parseInput(idParams, request.params).id).group))
  scope.put(path, async (request, reply) => {
    const { id } = findDevice(parts, parseInput(idParams, request.params).id)
    putInGroup(parts, [id], parseInput(groupBody, request.body).group)
    return reply.code(204).send()
  })
  scope.delete(`${path}/:name`, async (request, reply) => {
    const { id, name } = parseInput(idParams.extend(groupParams.shape), request.params)
    if (findDevice(parts, id).group !== name)
      throw new AppError('NOT_FOUND', `The device ${id} is not in the group ${name}`, 'See the list of groups.')
    store.devices.setGroup([id], null)
    return reply.code(204).send()
  })
}

function unknownGroup(name: string): AppError {
  return new AppError('NOT_FOUND', `No device is in the group ${name}`, 'See the list of groups.')
}
