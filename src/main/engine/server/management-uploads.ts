import { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { ScratchFile, StagedArtifact } from '../store/artifact-files.ts'
import type { StoredArtifact } from '../store/artifacts.ts'
import { findTwin } from '../store/artifact-twin.ts'
import type { DirectUploads } from './direct-uploads.ts'
import { generateArtifact, receiveRaw } from './generate-artifact.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { FIELD_LIMIT_BYTES, readUpload } from './upload.ts'
import { conflictJson, linkJson, uploadQuery } from './wire-artifacts.ts'
import { problemBody } from './wire-problem.ts'

const BASE = '/v1/deployments/artifacts'
const DIRECT = `${BASE}/directupload`
const AN_UPLOAD = { config: { isUpload: true } } as const
const idParams = z.object({ id: z.string() })
const linkQuery = z
  .object({ expire: z.coerce.number().int(), signature: z.base64url() })
  .transform(({ expire: expiresAt, signature }) => ({ expiresAt, signature }))

/** How artifacts come into the library: as a form, in three steps, or made here out of a file. Answers what the third part needs. */
export function registerUploads(scope: FastifyInstance, parts: ManagementParts, uploads: DirectUploads): void {
  scope.register(multipart, {
    limits: { fieldSize: FIELD_LIMIT_BYTES, fields: 20, parts: 21, headerPairs: 100, fileSize: Number.POSITIVE_INFINITY },
  })
  scope.post(BASE, AN_UPLOAD, async (request, reply) => {
    const options = parseInput(uploadQuery, request.query)
    const { taken, fields } = await readUpload(request, ({ chunks }) => parts.artifactFiles.stage(chunks, options))
    return answer(request, reply.code(201), await keep(parts, { staged: taken, description: fields.get('description') ?? '' }))
  })
  scope.post(`${BASE}/generate`, AN_UPLOAD, async (request, reply) => {
    const { taken, fields } = await readUpload(request, ({ chunks }) => receiveRaw(parts, chunks))
    const kept = await keepGenerated(parts, taken, fields)
    return answer(request, reply.code(201), kept)
  })
  scope.post(DIRECT, async (request) => {
    const { id, expiresAt, signature } = await uploads.begin()
    const query = new URLSearchParams({ expire: String(expiresAt), signature })
    const uri = `${request.protocol}://${request.host}/api/management${DIRECT}/${id}/file?${query.toString()}`
    return { id, method: 'PUT', header: {}, ...linkJson({ uri, expiresAt }) }
  })
  scope.post(`${DIRECT}/:id/complete`, async (request, reply) => {
    const staged = uploads.take(parseInput(idParams, request.params).id)
    return answer(request, reply.code(202), await keep(parts, { staged, description: '' }))
  })
}

/** Where the file of a direct upload is sent; the signature of the address is the permission. */
export function registerUploadTarget(scope: FastifyInstance, { artifactFiles }: ManagementParts, uploads: DirectUploads): void {
  scope.register(async (raw) => {
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    raw.put(`${DIRECT}/:id/file`, AN_UPLOAD, async (request, reply) => {
      const { id } = parseInput(idParams, request.params)
      uploads.check(id, parseInput(linkQuery, request.query))
      if (!(request.body instanceof Readable)) throw new AppError('BAD_INPUT', 'The upload has no body', 'PUT the bytes of the file.')
      const options = parseInput(uploadQuery, request.query)
      await uploads.hold(id, await artifactFiles.stage(request.body, options))
      return reply.code(200).send()
    })
  })
}

type Kept = { kind: 'kept'; id: string } | { kind: 'taken'; by: StoredArtifact; staged: StagedArtifact }

/** Takes what was sent into the library, or finds the artifact that is in the way. */
async function keep(parts: ManagementParts, { staged, description }: { staged: StagedArtifact; description: string }): Promise<Kept> {
  await using _ = staged
  const by = findTwin(parts.store, staged.content)
  if (by) return { kind: 'taken', by, staged }
  const { id } = await staged.keep({ id: parts.newId(), description, addedAt: parts.now() })
  return { kind: 'kept', id }
}

async function keepGenerated(parts: ManagementParts, taken: ScratchFile, fields: ReadonlyMap<string, string>): Promise<Kept> {
  await using raw = taken
  // awaited here: the raw file goes when this function returns
  return await keep(parts, await generateArtifact(parts, { raw, fields }))
}

function answer(request: FastifyRequest, reply: FastifyReply, kept: Kept): FastifyReply {
  if (kept.kind === 'kept') return reply.header('location', `/api/management${BASE}/${kept.id}`).send()
  const { name, deviceTypes } = kept.staged.content
  const shared = deviceTypes.filter((type) => kept.by.content.deviceTypes.includes(type)).join(', ')
  const hint = 'Write it under another artifact name, or remove the one that is there.'
  const error = new AppError('CONFLICT', `An artifact named ${name} for ${shared} is already in the library (${kept.by.id})`, hint)
  return reply.code(409).send({ ...problemBody(error, request.id), ...conflictJson(kept.by) })
}
