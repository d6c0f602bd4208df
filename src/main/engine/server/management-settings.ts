import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { type ManagementParts, visitorOf } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { settingsBody } from './wire-useradm.ts'

const BASE = '/v1/useradm/settings'
const MAX_BYTES = 64 * 1024

/** What clients keep on the server, for everybody or for one user: any JSON object, guarded by an ETag. */
export function registerSettings(scope: FastifyInstance, parts: ManagementParts): void {
  for (const [path, nameOf] of [
    [BASE, () => 'useradm.settings'],
    [`${BASE}/me`, (request: FastifyRequest) => `useradm.settings.${visitorOf(request).user.id}`],
  ] as const) {
    scope.get(path, async (request, reply) => {
      const { etag, value } = read(parts, nameOf(request))
      return reply.header('etag', etag).send(value)
    })
    scope.post(path, async (request, reply) => write(request, reply, { parts, name: nameOf(request) }))
  }
}

function read({ store }: ManagementParts, name: string) {
  const value = store.settings.get(name, settingsBody) ?? {}
  return { value, etag: `"${createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)}"` }
}

function write(request: FastifyRequest, reply: FastifyReply, { parts, name }: { parts: ManagementParts; name: string }): FastifyReply {
  const value = parseInput(settingsBody, request.body)
  if (JSON.stringify(value).length > MAX_BYTES)
    throw new AppError('BAD_INPUT', `Settings have at most ${MAX_BYTES} bytes`, 'Keep less in them.')
  const wanted = request.headers['if-match']
  if (wanted !== undefined && wanted !== read(parts, name).etag) return reply.code(412).send()
  parts.store.settings.set(name, value)
  return reply.code(201).header('etag', read(parts, name).etag).send()
}
