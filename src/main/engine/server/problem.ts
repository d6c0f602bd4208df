import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError, CODE_HEADER, type ErrorCode, toAppError } from '../../contract/errors.ts'
import { problemBody } from './wire-problem.ts'

/** The HTTP status of each failure; what is not named here is 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  BAD_INPUT: 400,
  ARTIFACT_INVALID: 400,
  EXPANSION_LIMIT: 400,
  SIGNATURE_INVALID: 400,
  CANCELLED: 400,
  LOGIN_REFUSED: 401,
  PERMISSION: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  DISK_FULL: 507,
  MEMORY_FULL: 503,
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Statuses of this route that differ from the common table: Mender answers 422 to some of what is 404 or 409 elsewhere. */
    statusOf?: Partial<Record<ErrorCode, number>>
  }
}

/** The value as the schema describes it. BAD_INPUT names the field otherwise. */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const text = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the request'}: ${message}`).join('; ')
  throw new AppError('BAD_INPUT', text, 'Correct the named field and try again.')
}

/** Answers every error of `app` and of what is registered below it with its status and Mender's error body. */
export function answerProblems(app: FastifyInstance): void {
  app.setErrorHandler((thrown: FastifyError, request, reply) => answerProblem(thrown, request, reply))
  app.setNotFoundHandler((request, reply) =>
    answerProblem(new AppError('NOT_FOUND', `There is no ${request.method} ${request.url.split('?')[0]}`), request, reply),
  )
}

/** Answers what the framework refuses before it looks for a route: an address that cannot be decoded, or is too long. */
export function answerFrameworkProblem(thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  void answerProblem(thrown, request, reply)
}

/** Answers what is not HTTP, or is too slow or too large to be: there is no request then, only a connection. */
export function answerClientError(thrown: ConnectionError, socket: Socket): void {
  if (thrown.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, error] = CLIENT_ERRORS[thrown.code] ?? ['400 Bad Request', 'This is not HTTP']
  const body = JSON.stringify(problemBody(new AppError('BAD_INPUT', error), randomUUID()))
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`
  socket.end(`${head}\r\n\r\n${body}`)
}

const CLIENT_ERRORS: Record<string, [status: string, error: string]> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long'],
}

function answerProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = toAppError(thrown)
  const status = ownStatus(thrown) ?? request.routeOptions.config.statusOf?.[error.code] ?? STATUS[error.code] ?? 500
  if (status >= 500) request.log.error(thrown)
  const body = problemBody(error.code === 'INTERNAL' && status < 500 ? new AppError('BAD_INPUT', error.message) : error, request.id)
  return reply.code(status).header('x-men-requestid', request.id).header(CODE_HEADER, error.code).type('application/json').send(body)
}

const httpError = z.object({ statusCode: z.number().int().min(400).max(499) })

/** What fastify and its plugins refuse by themselves (a body too large, of another type, not JSON) brings its status along. */
function ownStatus(thrown: unknown): number | undefined {
  return thrown instanceof AppError ? undefined : httpError.safeParse(thrown).data?.statusCode
}
