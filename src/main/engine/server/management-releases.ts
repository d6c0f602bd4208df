import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { type Release, findRelease, noteRelease, removeReleases, tagRelease } from './release-actions.ts'
import { fitsPattern } from './wire-artifacts.ts'
import { releaseJson, releaseJsonV1, releaseNamesQuery, releaseNotesBody, releaseQuery, releaseTagsBody } from './wire-releases.ts'
import { problemBody } from './wire-problem.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const V1 = '/v1/deployments/deployments/releases'
const V2 = '/v2/deployments/deployments/releases'
const params = z.object({ name: z.string() })

/** Releases: all artifacts of one name, with tags and notes. */
export function registerReleases(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  scope.get(V1, async (request) => find(parts, request.query).map(releaseJsonV1))
  for (const [path, toJson] of [
    [`${V1}/list`, releaseJsonV1],
    [V2, releaseJson],
  ] as const) {
    scope.get(path, async (request, reply) => {
      const releases = find(parts, request.query)
      const page = readPage(request.query)
      setPageHeaders(request, reply, { ...page, total: releases.length })
      return slicePage(releases, page).map((release) => toJson(release))
    })
  }
  scope.get(`${V2}/:name`, async (request) => {
    const { name } = parseInput(params, request.params)
    return releaseJson({ name, artifacts: findRelease(parts, name), note: store.releases.get(name) })
  })
  scope.get('/v2/deployments/releases/all/types', async () => {
    const types = store.artifacts.list().flatMap(({ content }) => content.payloadType ?? [])
    return [...new Set(types)].toSorted()
  })
  scope.get('/v2/deployments/releases/all/tags', async () =>
    [...new Set([...store.releases.byName().values()].flatMap(({ tags }) => tags))].toSorted(),
  )
  registerWrites(scope, parts)
}

function registerWrites(scope: FastifyInstance, parts: ManagementParts): void {
  scope.put(`${V2}/:name/tags`, async (request, reply) => {
    tagRelease(parts, { ...parseInput(params, request.params), tags: parseInput(releaseTagsBody, request.body) })
    return reply.code(204).send()
  })
  scope.patch(`${V2}/:name`, async (request, reply) => {
    noteRelease(parts, { ...parseInput(params, request.params), ...parseInput(releaseNotesBody, request.body) })
    return reply.code(204).send()
  })
  scope.delete(V2, async (request, reply) => {
    const active = await removeReleases(parts, parseInput(releaseNamesQuery, request.query).name)
    if (active.length === 0) return reply.code(204).send()
    const error = new AppError('CONFLICT', `Unfinished deployments use them: ${active.join(', ')}`, 'Abort these first.')
    return reply.code(409).send({ ...problemBody(error, request.id), active_deployments: active })
  })
}

const modifiedAt = ({ artifacts, note }: Release): number => Math.max(note.updatedAt, ...artifacts.map(({ updatedAt }) => updatedAt))
const ORDERS = new Map<string, (a: Release, b: Release) => number>([
  ['name', (a, b) => (a.name < b.name ? -1 : 1)],
  ['tags', (a, b) => a.note.tags.join().localeCompare(b.note.tags.join())],
  ['artifacts_count', (a, b) => a.artifacts.length - b.artifacts.length],
  ['modified', (a, b) => modifiedAt(a) - modifiedAt(b)],
])

function find({ store }: ManagementParts, query: unknown): Release[] {
  const { name = '', description, deviceType, payloadType, tags, sort = 'name:asc' } = parseInput(releaseQuery, query)
  const notes = store.releases.byName()
  const fitting = store.artifacts
    .list()
    .filter(({ content }) => content.name.startsWith(name))
    .filter((artifact) => description === undefined || fitsPattern(description, artifact.description))
    .filter(({ content }) => deviceType === undefined || content.deviceTypes.some((type) => fitsPattern(deviceType, type)))
    .filter(({ content }) => payloadType === undefined || content.payloadType === payloadType)
  const releases = [...Map.groupBy(fitting, ({ content }) => content.name)]
    .map(([of, artifacts]): Release => ({ name: of, artifacts, note: notes.get(of) ?? store.releases.get(of) }))
    .filter(({ note }) => tags === undefined || note.tags.some((tag) => tags.includes(tag)))
  const [by = '', direction] = sort.split(':')
  const order = ORDERS.get(by)
  if (!order) throw new AppError('BAD_INPUT', `sort: ${sort} is not known`, `Sort by ${[...ORDERS.keys()].join(', ')}, with :asc or :desc.`)
  return direction === 'desc' ? releases.toSorted(order).toReversed() : releases.toSorted(order)
}
