import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { FilterTerm } from '../../contract/filters.ts'
import type { StoredDevice } from '../store/devices.ts'
import { findDevice } from './device-actions.ts'
import { type Search, searchDevices } from './inventory-search.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { attributesOf, countJson, inventoryJson, inventoryQuery, searchBody, tagsBody, tagsEtag } from './wire-management.ts'
import { type Page, readPage, setPageHeaders } from './wire-paging.ts'

const DEVICES = '/v1/inventory/devices'
const idParams = z.object({ id: z.string() })

/** What devices say of themselves, and the search over it. */
export function registerInventory(scope: FastifyInstance, parts: ManagementParts): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply, { page, ...search }: Search & { page: Page }) => {
    const { found, total } = await searchDevices(parts, search, page)
    setPageHeaders(request, reply, { ...page, total })
    return found.map(({ device, attributes }) => inventoryJson(device, attributes))
  }
  scope.get(DEVICES, async (request, reply) => {
    const { group, hasGroup, sort = '' } = parseInput(inventoryQuery, request.query)
    const system = { scope: 'system', attribute: 'group' }
    const filters: FilterTerm[] = []
    if (group !== undefined) filters.push({ ...system, type: '$eq', value: group })
    if (hasGroup !== undefined) filters.push({ ...system, type: '$exists', value: hasGroup })
    return answer(request, reply, {
      ids: null,
      text: '',
      filters,
      attributes: null,
      sort: readSort(sort),
      page: readPage(request.query, 10),
    })
  })
  scope.post('/v2/inventory/filters/search', async (request, reply) => answer(request, reply, parseInput(searchBody, request.body ?? {})))
  scope.get('/v2/inventory/statistics', async () => ({
    devices_by_status: {
      accepted: countJson(parts.store.devices.count('accepted')),
      pending: countJson(parts.store.devices.count('pending')),
    },
  }))
  scope.get('/v2/inventory/filters/attributes', async () => attributeNames(parts))
  registerOne(scope, parts)
}

/** `scope/name:order`, several by commas; without a scope it is an inventory attribute. */
function readSort(text: string): { scope: string; attribute: string; order: 'asc' | 'desc' }[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, scope = 'inventory', attribute = '', order = 'asc'] =
        /^(?:(identity|inventory|system|tags)[/-])?(.+?)(?::(asc|desc))?$/.exec(part) ?? []
      return { scope, attribute, order: order === 'desc' ? 'desc' : 'asc' }
    })
}

function attributeNames({ store }: ManagementParts): { scope: string; name: string; count: number }[] {
  const count = store.devices.count()
  if (count === 0) return []
  return [
    ...store.inventory.names().filter(({ scope }) => scope === 'identity'),
    { scope: 'identity', name: 'status', count },
    ...['created_ts', 'updated_ts'].map((name) => ({ scope: 'system', name, count })),
    ...store.inventory.names().filter(({ scope }) => scope !== 'identity' && scope !== 'system'),
  ].slice(0, 500)
}

function registerOne(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  const attributesOfOne = (device: StoredDevice) => attributesOf(device, store.inventory.ofDevice(device.id))
  scope.get(`${DEVICES}/:id`, async (request, reply) => {
    const device = findDevice(parts, parseInput(idParams, request.params).id)
    const attributes = attributesOfOne(device)
    reply.header('etag', tagsEtag(attributes))
    return inventoryJson(device, attributes)
  })
  scope.delete(`${DEVICES}/:id`, async (request, reply) => {
    const device = store.devices.get(parseInput(idParams, request.params).id)
    if (device) store.inventory.replace(device.id, 'inventory', [], parts.now())
    return reply.code(204).send()
  })
  for (const method of ['PUT', 'PATCH'] as const) {
    scope.route({
      method,
      url: `${DEVICES}/:id/tags`,
      config: { statusOf: { CONFLICT: 412 } },
      handler: async (request, reply) => {
        const device = findDevice(parts, parseInput(idParams, request.params).id)
        const tags = parseInput(tagsBody, request.body).map((tag) => ({ ...tag, scope: 'tags' }))
        const wanted = request.headers['if-match']
        if (wanted !== undefined && wanted !== tagsEtag(attributesOfOne(device))) return reply.code(412).send()
        writeTags(parts, device.id, { tags, isWhole: method === 'PUT' })
        return reply.code(200).send()
      },
    })
  }
}

const MAX_TAGS = 20

function writeTags(
  { store, now }: ManagementParts,
  id: string,
  { tags, isWhole }: { tags: { scope: string; name: string; value: string }[]; isWhole: boolean },
): void {
  const kept = isWhole
    ? []
    : store.inventory.ofDevice(id).filter(({ scope, name }) => scope === 'tags' && tags.every((tag) => tag.name !== name))
  if (kept.length + tags.length > MAX_TAGS) throw new AppError('BAD_INPUT', `A device has at most ${MAX_TAGS} tags`, 'Remove one first.')
  store.inventory.replace(
    id,
    'tags',
    [...kept, ...tags].map(({ scope, name, value }) => ({ scope, name, value })),
    now(),
  )
}
