import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import { describeArtifact, findArtifact, removeArtifact } from './artifact-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { makeArtifactLink } from './management-links.ts'
import { parseInput } from './problem.ts'
import { artifactJson, artifactQuery, descriptionBody, fitsPattern, linkJson } from './wire-artifacts.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const BASE = '/v1/deployments/artifacts'
const idParams = z.object({ id: z.string() })

/** The library: list, show, describe, remove. */
export function registerArtifacts(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  scope.get(BASE, async (request) => find(parts, request.query).map(artifactJson))
  scope.get(`${BASE}/list`, async (request, reply) => {
    const artifacts = find(parts, request.query)
    const page = readPage(request.query)
    setPageHeaders(request, reply, { ...page, total: artifacts.length })
    return slicePage(artifacts, page).map(artifactJson)
  })
  scope.get('/v2/deployments/artifacts', async (request, reply) => {
    const artifacts = find(parts, request.query, fitsPattern)
    const page = readPage(request.query)
    setPageHeaders(request, reply, { ...page, total: artifacts.length })
    return slicePage(artifacts, page).map(artifactJson)
  })
  scope.get(`${BASE}/:id`, async (request) => artifactJson(findArtifact(parts, parseInput(idParams, request.params).id)))
  scope.put(`${BASE}/:id`, { config: { statusOf: { CONFLICT: 422 } } }, async (request, reply) => {
    describeArtifact(parts, { ...parseInput(idParams, request.params), ...parseInput(descriptionBody, request.body) })
    return reply.code(204).send()
  })
  scope.delete(`${BASE}/:id`, async (request, reply) => {
    await removeArtifact(parts, parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
  scope.get(`${BASE}/:id/download`, async (request) => linkJson(makeArtifactLink(request, parts, parseInput(idParams, request.params).id)))
  scope.get('/v1/deployments/limits/storage', async () => ({
    limit: 0,
    usage: store.artifacts.list().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }))
}

const ORDERS = new Map<string, (a: StoredArtifact, b: StoredArtifact) => number>([
  ['name', (a, b) => (a.content.name < b.content.name ? -1 : 1)],
  ['modified', (a, b) => a.updatedAt - b.updatedAt],
])

/** How v1 compares a description; v2 takes it whole, or by its beginning. */
const holdsText = (part: string, text: string): boolean => text.toLowerCase().includes(part.toLowerCase())

function find({ store }: ManagementParts, query: unknown, fitsDescription = holdsText): StoredArtifact[] {
  const { name, description, deviceType, sort = 'name:asc' } = parseInput(artifactQuery, query)
  const found = store.artifacts
    .list()
    .filter(({ content }) => name === undefined || name.some((pattern) => fitsPattern(pattern, content.name)))
    .filter((artifact) => description === undefined || fitsDescription(description, artifact.description))
    .filter(({ content }) => deviceType === undefined || content.deviceTypes.some((type) => fitsPattern(deviceType, type)))
  const [by = '', direction] = sort.split(':')
  const order = ORDERS.get(by)
  if (!order) throw new AppError('BAD_INPUT', `sort: ${sort} is not known`, 'Sort by name:asc, name:desc, modified:asc or modified:desc.')
  const sorted = found.toSorted(order)
  return direction === 'desc' ? sorted.toReversed() : sorted
}
