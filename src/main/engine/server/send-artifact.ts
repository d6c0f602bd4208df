import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readRange } from './byte-range.ts'

/** Answers with an artifact's file, whole or the part that the request asks for. `read` gives the bytes [start, end) of it. */
export function sendArtifact(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { sizeBytes, read }: { sizeBytes: number; read: (start: number, end: number) => AsyncIterable<Uint8Array> },
): FastifyReply {
  const range = readRange(headers.range, sizeBytes)
  reply.header('accept-ranges', 'bytes').type('application/vnd.mender-artifact')
  if (range.kind === 'unsatisfiable') return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send('')
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: sizeBytes }
  if (range.kind === 'part') reply.code(206).header('content-range', `bytes ${start}-${end - 1}/${sizeBytes}`)
  reply.header('content-length', String(end - start))
  return reply.send(Readable.from(read(start, end), { objectMode: false, highWaterMark: 256 * 1024 }))
}
