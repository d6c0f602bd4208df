import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError, toAppError } from '../../contract/errors.ts'
import { path as folderPath } from '../../contract/sizes.ts'
import type { ActionParts } from './actions.ts'
import { actorOf, noteOrder } from './audit.ts'
import { type Caller, refuseCaller } from './caller.ts'
import type { Login } from './login.ts'
import { type MachineUploads, receiveUpload } from './machine-uploads.ts'
import { requireSameOrigin, requireUser, visitorOf, whyEnded } from './management-guard.ts'
import { parseInput } from './problem.ts'
import type { SocketWatch } from './websocket-pipe.ts'

export interface UploadParts extends Pick<ActionParts, 'store' | 'now'> {
  login: Login
  sockets: SocketWatch
  uploads: MachineUploads
  callerOf: (request: FastifyRequest) => Caller
}

const order = z.object({
  folder: folderPath.nullable().default(null),
  name: z.string(),
  replace: z.stringbool().default(false),
})
const headers = z.object({ 'content-length': z.coerce.number().int().min(0) })

/**
 * Takes a file from the computer of who sits at the page, where this machine is shared: the body is the file. For whom the operations of
 * `folders` are.
 */
export function registerUpload(scope: FastifyInstance, path: string, { login, sockets, uploads, callerOf, ...noted }: UploadParts): void {
  scope.register(async (raw) => {
    // The handler reads the body itself.
    raw.removeAllContentTypeParsers()
    raw.addContentTypeParser('*', (_request, _payload, done) => done(null, undefined))
    const onRequest = [requireSameOrigin, requireUser(login)]
    raw.put(path, { config: { isUpload: true }, onRequest }, async (request, reply) => {
      const { folder, name, replace: isReplacing } = parseInput(order, request.query)
      const { 'content-length': sizeBytes } = parseInput(headers, request.headers)
      const input = { folder, name, sizeBytes, isReplacing }
      const note = (failure: string | null): void =>
        noteOrder(noted, { ...actorOf(visitorOf(request)), address: request.ip, action: 'folders.upload', input, failure })
      const leave = sockets.hold(whyEnded(login, request), () => request.raw.destroy())
      try {
        refuseCaller(callerOf(request), { name: 'folders.upload', isRead: false, isLocal: true })
        const received = await receiveUpload(uploads, input, bodyOf(request))
        note(null)
        return await reply.code(201).send({ path: received })
      } catch (thrown) {
        const { code, message } = toAppError(thrown)
        note(`${code}: ${message}`)
        // Who is cut off while sending never sees why: the rest is read and dropped.
        request.raw.resume()
        throw thrown
      } finally {
        leave()
      }
    })
  })
}

/** The body as it comes. That it ends early is the sender's doing. */
async function* bodyOf({ raw }: FastifyRequest): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* raw.iterator({ destroyOnReturn: false })
  } catch (thrown) {
    throw new AppError('CANCELLED', 'The upload was cut off', 'Upload it again.', thrown)
  }
}
