import { basename } from 'node:path'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { Conversation, commandClient } from '../connect/conversation.ts'
import { getFile, putFile, statFile } from '../connect/file-transfer.ts'
import { PROTO } from '../connect/frame.ts'
import { readChunks } from '../lib/file-streams.ts'
import type { ScratchFile } from '../store/artifact-files.ts'
import { actorOf, noteOrder } from './audit.ts'
import { findDevice } from './device-actions.ts'
import { note } from './device-parts.ts'
import { type ManagementParts, visitorOf, whyEnded } from './management-guard.ts'
import { parseInput } from './problem.ts'
import { playBack } from './playback.ts'
import { relayUser } from './relay.ts'
import { TerminalTap } from './terminal-tap.ts'
import { type UploadedFile, readUpload } from './upload.ts'
import { connectionJson, fileHeaders, fileQuery, fileUpload } from './wire-connect.ts'

const ONE = '/v1/deviceconnect/devices/:id'
const idParams = z.object({ id: z.string() })
/** Mender answers 409 when there is nobody to talk to; a WebSocket that is not opened is 404. */
const talks = { config: { statusOf: { DEVICE_UNREACHABLE: 409 } } } as const
const uploads = { config: { statusOf: { DEVICE_UNREACHABLE: 409 }, isUpload: true } } as const
const upgrades = { config: { statusOf: { DEVICE_UNREACHABLE: 404 } } } as const

/** Terminals, files and commands on devices, over the connection that they hold. */
export function registerConnect(scope: FastifyInstance, parts: ManagementParts): void {
  const { lines, login, recordings, sockets } = parts
  const deviceId = (request: FastifyRequest): string => findDevice(parts, parseInput(idParams, request.params).id).id
  scope.get(ONE, async (request) => {
    const device = findDevice(parts, deviceId(request))
    // mender-cli asks this first, and gives up when the answer is no.
    await lines.awaitReturn(device.id)
    return connectionJson(device, lines.stateOf(device.id))
  })
  scope.get(
    `${ONE}/connect`,
    {
      ...{ websocket: true, ...upgrades },
      preValidation: async (request) => {
        await refuseAbsent(parts, deviceId(request))
        refuseEnded(parts, request)
      },
    },
    (socket: WebSocket, request) => connectUser(parts, socket, request),
  )
  for (const command of ['check-update', 'send-inventory'] as const)
    scope.post(`${ONE}/${command}`, talks, async (request, reply) => {
      await commandClient(lines, deviceId(request), command)
      return reply.code(202).send()
    })
  // Not for HEAD, which would fetch the whole file of the device for its size.
  scope.get(`${ONE}/download`, { ...talks, exposeHeadRoute: false }, async (request, reply) => {
    const id = deviceId(request)
    const { path } = parseInput(fileQuery, request.query)
    const talk = await conversationUntil(endOf(reply), { lines, deviceId: id })
    await talk.greet(PROTO.fileTransfer)
    const file = await statFile(talk, path)
    noteUse(parts, request, { deviceId: id, text: `read ${path}` })
    reply.headers(fileHeaders(file)).type('application/octet-stream')
    return reply.send(Readable.from(getFile(talk, path), { objectMode: false, highWaterMark: 64 * 1024 }))
  })
  scope.get(
    '/v1/deviceconnect/sessions/:id/playback',
    { websocket: true, preValidation: async (request) => void (await recordings.read(parseInput(idParams, request.params).id)) },
    (socket: WebSocket, request) => {
      sockets.add(socket, whyEnded(login, request))
      void playBack(recordings, socket, request).catch(() => socket.terminate())
    },
  )
  scope.put(`${ONE}/upload`, uploads, async (request, reply) => {
    const id = deviceId(request)
    await refuseAbsent(parts, id)
    const { fields, taken } = await readUpload(request, (file) => receive(parts, file))
    await using received = taken
    const { name, scratch } = received
    const { path, ...owner } = parseInput(fileUpload, Object.fromEntries(fields))
    using talk = await Conversation.open(lines, id)
    await talk.greet(PROTO.fileTransfer)
    await putFile(talk, { path, ...owner, name, sizeBytes: scratch.sizeBytes }, readChunks(scratch.file))
    noteUse(parts, request, { deviceId: id, text: `wrote ${path} (${scratch.sizeBytes} bytes)` })
    return await reply.code(201).send()
  })
}

/** Aborts when the answer was sent, and when who asked has left before. */
function endOf({ raw }: FastifyReply): AbortSignal {
  const ending = new AbortController()
  raw.once('close', () => ending.abort())
  if (raw.destroyed) ending.abort()
  return ending.signal
}

async function conversationUntil(
  signal: AbortSignal,
  { lines, deviceId }: Pick<ManagementParts, 'lines'> & { deviceId: string },
): Promise<Conversation> {
  const talk = await Conversation.open(lines, deviceId, { signal })
  const end = (): void => talk[Symbol.dispose]()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  return talk
}

async function refuseAbsent({ lines }: ManagementParts, deviceId: string): Promise<void> {
  await lines.awaitReturn(deviceId)
  if (lines.stateOf(deviceId).state === 'connected') return
  throw new AppError('DEVICE_UNREACHABLE', 'The device is not connected', 'It needs mender-connect; it calls again by itself.')
}

/** LOGIN_REFUSED for who was logged out while the device was waited for. */
function refuseEnded({ login }: ManagementParts, request: FastifyRequest): void {
  const why = whyEnded(login, request)()
  if (why !== null) throw new AppError('LOGIN_REFUSED', why, 'Log in again.')
}

function connectUser(parts: ManagementParts, socket: WebSocket, request: FastifyRequest): void {
  const { login, lines, recordings, sockets } = parts
  const { id } = parseInput(idParams, request.params)
  sockets.add(socket, whyEnded(login, request))
  const who = { ...actorOf(visitorOf(request)), address: request.ip, deviceId: id }
  relayUser(lines, { deviceId: id, socket, tap: new TerminalTap((size) => recordings.begin({ ...who, ...size })) })
  noteUse(parts, request, { deviceId: id, text: 'connected to it' })
  // A WebSocket has no response that the hook for all other orders could see.
  noteOrder(parts, { ...actorOf(visitorOf(request)), address: request.ip, action: `GET ${ONE}/connect`, input: { id }, failure: null })
}

/** Whoever works on a device from here leaves a line in its timeline. */
function noteUse(parts: ManagementParts, request: FastifyRequest, { deviceId, text }: { deviceId: string; text: string }): void {
  note(parts, { deviceId, lane: 'http', text: `${visitorOf(request).user.name} ${text}` })
}

/** The bytes of an upload on disk: mender-cli sends the mode behind the file, so the file has to wait. */
async function receive({ artifactFiles }: ManagementParts, { name, chunks }: UploadedFile): Promise<Received> {
  await using kept = new AsyncDisposableStack()
  const scratch = kept.use(await artifactFiles.scratch())
  for await (const chunk of chunks) await scratch.append(chunk)
  const stack = kept.move()
  return { name: basename(name), scratch, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

interface Received extends AsyncDisposable {
  name: string
  scratch: ScratchFile
}
