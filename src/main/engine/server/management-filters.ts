import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { findFilter, removeSavedFilter, saveFilter } from './filter-actions.ts'
import { searchAccepted, searchDevices } from './inventory-search.ts'
import type { ManagementParts } from './management-guard.ts'
import { orderDeployment } from './order-deployment.ts'
import { parseInput } from './problem.ts'
import { inventoryJson } from './wire-management.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'
import { filterBody, filterJson, plannedDeploymentBody } from './wire-plans.ts'

const FILTERS = '/v2/inventory/filters'
const DEPLOYMENTS = '/v2/deployments/deployments'
const idParams = z.object({ id: z.string() })

/** What Mender sells: groups that are filters, and deployments by a plan (the addresses are those of its paid plans). */
export function registerFilters(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  scope.get(FILTERS, async (request, reply) => {
    const page = readPage(request.query)
    const filters = store.savedFilters.list()
    setPageHeaders(request, reply, { ...page, total: filters.length })
    return slicePage(filters, page).map(filterJson)
  })
  scope.post(FILTERS, async (request, reply) => {
    const wanted = parseInput(filterBody, request.body)
    if (store.savedFilters.byName(wanted.name))
      throw new AppError('CONFLICT', `There is a filter ${wanted.name} already`, 'Choose another name, or remove that one.')
    const { id } = saveFilter(parts, wanted)
    return reply.code(201).header('location', `/api/management${FILTERS}/${id}`).send()
  })
  scope.get(`${FILTERS}/:id`, async (request) => filterJson(findFilter(parts, parseInput(idParams, request.params).id)))
  scope.delete(`${FILTERS}/:id`, async (request, reply) => {
    removeSavedFilter(parts, findFilter(parts, parseInput(idParams, request.params).id).name)
    return reply.code(204).send()
  })
  scope.get(`${FILTERS}/:id/search`, async (request, reply) => {
    const { filter } = findFilter(parts, parseInput(idParams, request.params).id)
    const page = readPage(request.query)
    const { found, total } = await searchDevices(parts, searchAccepted(filter), page)
    setPageHeaders(request, reply, { ...page, total })
    return found.map(({ device, attributes }) => inventoryJson(device, attributes))
  })
  scope.post(DEPLOYMENTS, { config: { statusOf: { NOT_FOUND: 422 } } }, async (request, reply) => {
    const { filterId, target, ...order } = parseInput(plannedDeploymentBody, request.body)
    const aimed = filterId === null ? target : ({ kind: 'filter', filter: findFilter(parts, filterId).filter } as const)
    if (aimed === null || (filterId !== null && target !== null))
      throw new AppError('BAD_INPUT', 'A deployment is for a filter, a list of devices, or all devices', 'Give one of them.')
    const { id } = await orderDeployment(parts, { ...order, target: aimed })
    return reply.code(201).header('location', `/api/management${DEPLOYMENTS}/${id}`).send()
  })
}
