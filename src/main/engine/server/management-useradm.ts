import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { type ManagementParts, visitorOf } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { loginOptions, newTokenBody, tokenJson, userJson } from './wire-management.ts'

const BASE = '/v1/useradm'

/** The one route that takes a password. */
export function registerLogin(scope: FastifyInstance, { login }: ManagementParts): void {
  scope.post(`${BASE}/auth/login`, async (request, reply) => {
    const { name, password } = basicCredentials(request.headers.authorization)
    const isLong = parseInput(loginOptions, request.body)?.no_expiry ?? false
    const token = await login.login(name, password, { address: request.ip, isLong })
    return reply.type('application/jwt').send(token)
  })
}

/** Name and password of a Basic header; a password may hold colons (RFC 7617, section 2). */
function basicCredentials(header = ''): { name: string; password: string } {
  const encoded = /^Basic +([A-Za-z0-9+/_=-]+)$/i.exec(header)?.[1]
  if (encoded === undefined)
    throw new AppError('LOGIN_REFUSED', 'A login needs a user name and a password', 'Send them as Basic credentials.')
  const text = Buffer.from(encoded, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? { name: text, password: '' } : { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

const tokenParams = z.object({ id: z.string() })

/** Who am I, and access tokens for programs. */
export function registerUseradm(scope: FastifyInstance, { login }: ManagementParts): void {
  scope.post(`${BASE}/auth/logout`, async (request, reply) => {
    login.logout(visitorOf(request))
    return reply.code(202).send()
  })
  scope.get(`${BASE}/users`, async (request) => [userJson(visitorOf(request).user)])
  scope.get(`${BASE}/users/me`, async (request) => userJson(visitorOf(request).user))
  scope.get(`${BASE}/settings/tokens`, async (request) => login.tokens(visitorOf(request)).map(tokenJson))
  scope.post(`${BASE}/settings/tokens`, async (request, reply) => {
    const token = login.createToken(visitorOf(request), parseInput(newTokenBody, request.body))
    return reply.type('application/json').send(JSON.stringify(token))
  })
  scope.delete(`${BASE}/settings/tokens/:id`, async (request, reply) => {
    login.revokeToken(visitorOf(request), parseInput(tokenParams, request.params).id)
    return reply.code(204).send()
  })
}
