import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { StagedArtifact } from '../store/artifact-files.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import { describeArtifact, findArtifact, removeArtifact } from './artifact-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { makeArtifactLink } from './management-links.ts'
import { parseInput } from './problem.ts'
import { artifactJson, artifactQuery, descriptionBody, linkJson } from './wire-deployments.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const BASE = '/v1/deployments/artifacts'
const FIELD_LIMIT_BYTES = 16 * 1024
const idParams = z.object({ id: z.string() })

/** The library: upload, list, show, describe, remove. */
export function registerArtifacts(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  scope.register(multipart, {
    limits: { fieldSize: FIELD_LIMIT_BYTES, fields: 20, parts: 21, headerPairs: 100, fileSize: Number.POSITIVE_INFINITY },
  })
  scope.get(BASE, async (request) => find(parts, request.query).map(artifactJson))
  scope.get(`${BASE}/list`, async (request, reply) => {
    const artifacts = find(parts, request.query)
    const page = readPage(request.query)
    setPageHeaders(request, reply, { ...page, total: artifacts.length })
    return slicePage(artifacts, page).map(artifactJson)
  })
  scope.get('/v2/deployments/artifacts', async (request, reply) => {
    const artifacts = find(parts, request.query)
    const page = readPage(request.query)
    setPageHeaders(request, reply, { ...page, total: artifacts.length })
    return slicePage(artifacts, page).map(artifactJson)
  })
  scope.post(BASE, async (request, reply) => {
    const { id } = await receive(request, parts)
    return reply.code(201).header('location', `/api/management${BASE}/${id}`).send()
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

function find({ store }: ManagementParts, query: unknown): StoredArtifact[] {
  const { name, description = '', deviceType, sort = 'name:asc' } = parseInput(artifactQuery, query)
  const found = store.artifacts
    .list()
    .filter(({ content }) => name === undefined || name.includes(content.name))
    .filter((artifact) => artifact.description.toLowerCase().includes(description.toLowerCase()))
    .filter(({ content }) => deviceType === undefined || content.deviceTypes.includes(deviceType))
  const [by = '', direction] = sort.split(':')
  const order = ORDERS.get(by)
  if (!order) throw new AppError('BAD_INPUT', `sort: ${sort} is not known`, 'Sort by name:asc, name:desc, modified:asc or modified:desc.')
  const sorted = found.toSorted(order)
  return direction === 'desc' ? sorted.toReversed() : sorted
}

/**
 * Takes a multipart upload, its fields in any order: the file goes to disk as it comes, and becomes visible when the last field is
 * read. The rest of a refused upload is read and dropped, because a client that is cut off while it sends never sees why.
 */
async function receive(request: FastifyRequest, parts: ManagementParts): Promise<StoredArtifact> {
  if (!request.isMultipart()) throw new AppError('BAD_INPUT', 'An upload is multipart/form-data', 'Send the file in the field "artifact".')
  let staged: StagedArtifact | null = null
  const fields = new Map<string, string>()
  try {
    for await (const part of wellFormed(request.parts())) {
      if (part.type === 'file') staged = await stageOnce(part.file, staged, parts)
      else if (part.valueTruncated)
        throw new AppError('BAD_INPUT', `The field ${part.fieldname} is longer than ${FIELD_LIMIT_BYTES} bytes`, 'Shorten it.')
      else fields.set(part.fieldname, String(part.value))
    }
    if (!staged) throw new AppError('BAD_INPUT', 'The upload has no file', 'Send it in the field "artifact", with a file name.')
    return await staged.keep({ id: parts.newId(), description: fields.get('description') ?? '', addedAt: parts.now() })
  } finally {
    await staged?.[Symbol.asyncDispose]()
  }
}

/** What the parser hands on. Its failures are the client's: a form without a boundary, or cut short. */
async function* wellFormed<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
  try {
    yield* source
  } catch (thrown) {
    if (!(thrown instanceof Error) || 'statusCode' in thrown) throw thrown
    throw new AppError('BAD_INPUT', `The upload is malformed: ${thrown.message}`, 'Send it whole, as multipart/form-data.', thrown)
  }
}

async function stageOnce(file: Readable, earlier: StagedArtifact | null, { artifactFiles }: ManagementParts): Promise<StagedArtifact> {
  try {
    if (earlier) throw new AppError('BAD_INPUT', 'The upload has more than one file', 'Upload one artifact at a time.')
    return await artifactFiles.stage(wellFormed(file.iterator({ destroyOnReturn: false })))
  } catch (thrown) {
    if (!file.destroyed) await finished(file.resume())
    throw thrown
  }
}
