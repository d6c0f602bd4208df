import type { FastifyInstance, FastifyRequest } from 'fastify'
import { toAppError } from '../../contract/errors.ts'
import { actorOf, noteOrder } from './audit.ts'
import { type ManagementParts, needOf } from './management-guard.ts'
import { auditJson } from './wire-management.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Why it was refused, for the audit log. */
    refusal: string | null
  }
}

/** Notes every request of `scope` that changes something, or would have. */
export function noteOrders(scope: FastifyInstance, parts: ManagementParts): void {
  scope.decorateRequest('refusal', null)
  scope.addHook('onError', async (request, _reply, thrown) => {
    const { code, message } = toAppError(thrown)
    request.refusal = `${code}: ${message}`
  })
  scope.addHook('onResponse', async (request, reply) => {
    if (needOf(request).access === 'read' || !request.visitor) return
    const failure = reply.statusCode < 400 ? null : (request.refusal ?? `HTTP status ${reply.statusCode}`)
    const action = `${request.method} ${(request.routeOptions.url ?? request.url).replace('/api/management', '')}`
    noteOrder(parts, { ...actorOf(request.visitor), address: request.ip, action, input: inputOf(request), failure })
  })
}

/** What a request says, without files. */
function inputOf({ params, query, body }: FastifyRequest): unknown {
  const isPlain = typeof body === 'object' && body !== null && (Array.isArray(body) || Object.getPrototypeOf(body) === Object.prototype)
  const given = { ...entriesOf(params), ...entriesOf(query), ...(isPlain ? { body } : {}) }
  return Object.keys(given).length === 0 ? null : given
}

function entriesOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

/** The log, under the address of Mender's paid plans. */
export function registerAudit(scope: FastifyInstance, { store }: ManagementParts): void {
  scope.get('/v1/auditlogs/logs', async (request, reply) => {
    const page = readPage(request.query)
    const entries = store.audit.list({ limit: page.offset + page.perPage })
    setPageHeaders(request, reply, { ...page, total: store.audit.count() })
    return slicePage(entries, page).map(auditJson)
  })
}
