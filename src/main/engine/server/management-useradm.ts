import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError, toAppError } from '../../contract/errors.ts'
import type { User } from '../store/users.ts'
import { noteOrder } from './audit.ts'
import { type ManagementParts, visitorOf } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { changeUser, createUser, findUser, removeUser } from './user-actions.ts'
import { loginOptions, newTokenBody, newUserBody, tokenJson, userBody, userJson, userQuery } from './wire-useradm.ts'

const BASE = '/v1/useradm'
const idParams = z.object({ id: z.string() })
/** Mender answers 422 for a name that is taken and a password that will not do. */
const changing = { config: { statusOf: { CONFLICT: 422 } } } as const

/** The one route that takes a password. */
export function registerLogin(scope: FastifyInstance, parts: ManagementParts): void {
  scope.post(`${BASE}/auth/login`, async (request, reply) => {
    const isLong = parseInput(loginOptions, request.body)?.no_expiry ?? false
    return reply.type('application/jwt').send(await logInBy(parts, request, { isLong }))
  })
}

/** Where logins are noted. */
export type LoginNote = Pick<ManagementParts, 'store' | 'now'>

/** A session's token for the name and password that a request brings. */
export async function logInBy(
  parts: LoginNote & Pick<ManagementParts, 'login'>,
  { headers, ip: address }: FastifyRequest,
  { isLong }: { isLong: boolean },
): Promise<string> {
  const { name, password } = basicCredentials(headers.authorization)
  const note = (failure: string | null): void =>
    noteOrder(parts, { actor: name.slice(0, 255), token: '', address, action: 'login', input: null, failure })
  const token = await parts.login.login(name, password, { address, isLong }).catch((thrown: unknown) => {
    const { code, message } = toAppError(thrown)
    note(`${code}: ${message}`)
    throw thrown
  })
  note(null)
  return token
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

/** Who may manage, who am I, and access tokens for programs. */
export function registerUseradm(scope: FastifyInstance, parts: ManagementParts): void {
  const { login } = parts
  scope.post(`${BASE}/auth/logout`, async (request, reply) => {
    login.logout(visitorOf(request))
    return reply.code(202).send()
  })
  registerUsers(scope, parts)
  scope.get(`${BASE}/settings/tokens`, async (request) => login.tokens(visitorOf(request)).map(tokenJson))
  scope.post(`${BASE}/settings/tokens`, async (request, reply) => {
    const token = login.createToken(visitorOf(request), parseInput(newTokenBody, request.body))
    return reply.type('application/json').send(JSON.stringify(token))
  })
  scope.delete(`${BASE}/settings/tokens/:id`, async (request, reply) => {
    login.revokeToken(visitorOf(request), parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
}

function registerUsers(scope: FastifyInstance, parts: ManagementParts): void {
  const users = `${BASE}/users`
  scope.get(users, async (request) => find(parts, request.query).map(userJson))
  scope.post(users, changing, async (request, reply) => {
    const { id } = await createUser(parts, parseInput(newUserBody, request.body))
    return reply.code(201).header('location', `/api/management${users}/${id}`).send()
  })
  scope.get(`${users}/me`, async (request) => userJson(visitorOf(request).user))
  for (const path of [`${users}/me`, '/v2/useradm/users/me']) {
    scope.put(path, changing, async (request, reply) => {
      const { user } = visitorOf(request)
      await changeUser(parts, { ...parseInput(userBody, request.body), id: user.id, by: user })
      return reply.code(204).send()
    })
  }
  scope.get(`${users}/:id`, async (request) => userJson(findUser(parts, parseInput(idParams, request.params).id)))
  scope.put(`${users}/:id`, changing, async (request, reply) => {
    const { id } = parseInput(idParams, request.params)
    await changeUser(parts, { ...parseInput(userBody, request.body), id, by: visitorOf(request).user })
    return reply.code(204).send()
  })
  scope.delete(`${users}/:id`, changing, async (request, reply) => {
    removeUser(parts, parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
}

function find({ store }: ManagementParts, query: unknown): User[] {
  const { ids, names, created, updated } = parseInput(userQuery, query)
  const isWithin = (at: number, { after, before }: { after: number; before: number }) => at > after && at < before
  return store.users
    .list()
    .filter(({ id }) => ids === undefined || ids.includes(id))
    .filter(({ name }) => names === undefined || names.includes(name))
    .filter(({ createdAt, updatedAt }) => isWithin(createdAt, created) && isWithin(updatedAt, updated))
}
