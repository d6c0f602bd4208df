import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Login } from './login.ts'
import { type LoginNote, logInBy } from './management-useradm.ts'
import { cookieName, requireSameOrigin, requireUser, userTokenOf, visitorOf } from './management-guard.ts'

const WEEK_SECONDS = 7 * 86_400

export interface BrowserSession extends LoginNote {
  login: Login
  path: string
}

/** The session of a browser: a cookie that scripts cannot read, and that no other site makes it send. */
export function registerSession(scope: FastifyInstance, parts: BrowserSession): void {
  const { login, path } = parts
  const isUser = requireUser(login)
  scope.get(path, { preValidation: isUser }, async (request) => {
    const { name, role } = visitorOf(request).user
    return { name, role }
  })
  /** By name and password, or by the token of the address that the server has printed. */
  scope.post(path, { preValidation: requireSameOrigin }, async (request, reply) => {
    const isBasic = /^Basic /i.test(request.headers.authorization ?? '')
    if (!isBasic) await isUser(request)
    const token = isBasic ? await logInBy(parts, request, { isLong: false }) : (userTokenOf(request) ?? '')
    return setCookie(request, reply, token, WEEK_SECONDS)
  })
  scope.delete(path, { preValidation: [requireSameOrigin, isUser] }, async (request, reply) => {
    login.logout(visitorOf(request))
    return setCookie(request, reply, '', 0)
  })
}

function setCookie(request: FastifyRequest, reply: FastifyReply, token: string, maxAge: number): FastifyReply {
  const secure = request.protocol === 'https' ? '; Secure' : ''
  const cookie = `${cookieName(request)}=${token}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}${secure}`
  return reply.header('set-cookie', cookie).header('cache-control', 'no-store').code(204).send()
}
