import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { releaseJson, releaseJsonV1, releaseQuery } from './wire-deployments.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const params = z.object({ name: z.string() })

interface Release {
  name: string
  artifacts: StoredArtifact[]
}

/** Releases: all artifacts of one name. */
export function registerReleases(scope: FastifyInstance, parts: ManagementParts): void {
  const v1 = '/v1/deployments/deployments/releases'
  const v2 = '/v2/deployments/deployments/releases'
  scope.get(v1, async (request) => find(parts, request.query).map(({ name, artifacts }) => releaseJsonV1(name, artifacts)))
  for (const [path, toJson] of [
    [`${v1}/list`, releaseJsonV1],
    [v2, releaseJson],
  ] as const) {
    scope.get(path, async (request, reply) => {
      const releases = find(parts, request.query)
      const page = readPage(request.query)
      setPageHeaders(request, reply, { ...page, total: releases.length })
      return slicePage(releases, page).map(({ name, artifacts }) => toJson(name, artifacts))
    })
  }
  scope.get(`${v2}/:name`, async (request) => {
    const { name } = parseInput(params, request.params)
    const artifacts = parts.store.artifacts.byName(name)
    if (artifacts.length === 0) throw new AppError('NOT_FOUND', `There is no release ${name}`, 'Upload an artifact of that name.')
    return releaseJson(name, artifacts)
  })
  scope.get('/v2/deployments/releases/all/types', async () => {
    const types = parts.store.artifacts.list().flatMap(({ content }) => content.payloadType ?? [])
    return [...new Set(types)].toSorted()
  })
  scope.get('/v2/deployments/releases/all/tags', async () => [])
}

const modifiedAt = ({ artifacts }: Release): number => Math.max(...artifacts.map(({ updatedAt }) => updatedAt))
const ORDERS = new Map<string, (a: Release, b: Release) => number>([
  ['name', (a, b) => (a.name < b.name ? -1 : 1)],
  ['tags', () => 0],
  ['artifacts_count', (a, b) => a.artifacts.length - b.artifacts.length],
  ['modified', (a, b) => modifiedAt(a) - modifiedAt(b)],
])

function find({ store }: ManagementParts, query: unknown): Release[] {
  const { name = '', deviceType, payloadType, sort = 'name:asc' } = parseInput(releaseQuery, query)
  const fitting = store.artifacts
    .list()
    .filter(({ content }) => content.name.startsWith(name))
    .filter(({ content }) => deviceType === undefined || content.deviceTypes.includes(deviceType))
    .filter(({ content }) => payloadType === undefined || content.payloadType === payloadType)
  const releases = [...Map.groupBy(fitting, ({ content }) => content.name)].map(([of, artifacts]) => ({ name: of, artifacts }))
  const [by = '', direction] = sort.split(':')
  const order = ORDERS.get(by)
  if (!order) throw new AppError('BAD_INPUT', `sort: ${sort} is not known`, `Sort by ${[...ORDERS.keys()].join(', ')}, with :asc or :desc.`)
  return direction === 'desc' ? releases.toSorted(order).toReversed() : releases.toSorted(order)
}
