import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isTaken } from '../lib/is-taken.ts'
import { readRange } from './byte-range.ts'

interface ArtifactFile {
  sizeBytes: number
  /** The bytes [start, end) of it; each piece is good until the next is asked for. */
  read(start: number, end: number): AsyncGenerator<Uint8Array, void, void>
}

/** Answers with an artifact's file, whole or the part that the request asks for; HEAD asks for no bytes, and none are read. */
export async function sendArtifact(
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { sizeBytes, read }: ArtifactFile,
): Promise<FastifyReply> {
  const range = readRange(headers.range, sizeBytes)
  reply.header('accept-ranges', 'bytes').type('application/vnd.mender-artifact')
  if (range.kind === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send('')
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: sizeBytes }
  if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${sizeBytes}`)
  reply.header('content-length', String(end - start))
  const pieces = method === 'HEAD' ? nothing() : read(start, end)
  // A file that cannot be read is answered with an error, as long as nothing was sent.
  const first = await pieces.next()
  // Streams would hold several pieces of each download, all of them fresh.
  reply.hijack()
  const { raw } = reply
  raw.statusCode = reply.statusCode
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  if (!(await isSent(raw, first, pieces, method === 'HEAD' ? 0 : end - start))) raw.destroy()
  return reply
}

async function* nothing(): AsyncGenerator<Uint8Array, void, void> {}

/** false when the one who asked has left, or when not all can be read: what was announced can no longer be kept, and only a broken line says so. */
async function isSent(
  raw: ServerResponse,
  first: IteratorResult<Uint8Array, void>,
  pieces: AsyncGenerator<Uint8Array, void, void>,
  length: number,
): Promise<boolean> {
  let sent = 0
  try {
    for (let piece = first; !piece.done; piece = await pieces.next()) {
      if (!(await isTaken(raw, piece.value))) return false
      sent += piece.value.length
    }
    if (sent === length) raw.end()
    return sent === length
  } catch {
    return false
  } finally {
    await pieces.return()
  }
}
