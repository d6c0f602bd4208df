import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { findArtifact } from './artifact-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { sendArtifact } from './send-artifact.ts'

const LINK_MS = 24 * 3_600_000
const params = z.object({ id: z.string() })
const query = z.object({ expire: z.coerce.number().int(), signature: z.base64url() })

/** An address from which anybody can get this artifact for a day: as the one who asks names this server, so that it resolves for him. */
export function makeArtifactLink(
  { protocol, host }: FastifyRequest,
  parts: ManagementParts,
  artifactId: string,
): { uri: string; expiresAt: number } {
  const { id } = findArtifact(parts, artifactId)
  const expiresAt = parts.now() + LINK_MS
  const signed = new URLSearchParams({ expire: String(expiresAt), signature: signatureOf(parts, id, expiresAt).toString('base64url') })
  return { uri: `${protocol}://${host}/api/management/v1/deployments/artifacts/${id}/file?${signed.toString()}`, expiresAt }
}

function signatureOf({ login }: ManagementParts, id: string, expiresAt: number): Buffer {
  return createHmac('sha256', login.linkSecret).update(`${id} ${expiresAt}`).digest()
}

/** Serves the links; the signature is the permission. */
export function registerArtifactLinks(scope: FastifyInstance, parts: ManagementParts): void {
  scope.get('/v1/deployments/artifacts/:id/file', async (request, reply) => {
    const { id } = parseInput(params, request.params)
    const { expire, signature } = parseInput(query, request.query)
    const given = Buffer.from(signature, 'base64url')
    const wanted = signatureOf(parts, id, expire)
    if (expire < parts.now() || given.length !== wanted.length || !timingSafeEqual(given, wanted))
      throw new AppError('LOGIN_REFUSED', 'The link has expired or was changed', 'Ask for a new one.')
    const { sizeBytes } = findArtifact(parts, id)
    return sendArtifact(request, reply, { sizeBytes, read: (start, end) => parts.artifactFiles.readPart(id, start, end) })
  })
}
