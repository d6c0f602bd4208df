import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import { type CastEvent, readCast } from '../../contract/asciicast.ts'
import { type NewFrame, PROTO, writeFrame } from '../connect/frame.ts'
import { CLOSE } from '../connect/lines.ts'
import { parseInput } from './problem.ts'
import type { Recordings } from './recordings.ts'

const idParams = z.object({ id: z.string() })
/** How long to wait between two messages. */
const query = z.object({ sleep_ms: z.coerce.number().int().min(0).max(10_000).default(50) })
const STATUS_OK = 1

/** Shows a recording to a user over a WebSocket, as the terminal showed it: Mender's playback of sessions. */
export async function playBack(recordings: Recordings, socket: WebSocket, request: FastifyRequest): Promise<void> {
  const { id } = parseInput(idParams, request.params)
  const { sleep_ms: pauseMs } = parseInput(query, request.query)
  const { events } = readCast(await recordings.read(id))
  for (const { kind, text } of events) {
    if (socket.readyState !== socket.OPEN) return
    // the next one goes when this one has left
    await new Promise<void>((resolve) => socket.send(writeFrame(frameOf(id, { kind, text })), () => resolve()))
    await sleep(pauseMs)
  }
  socket.close(CLOSE.normal, 'The end of the recording')
}

function frameOf(sessionId: string, { kind, text }: Pick<CastEvent, 'kind' | 'text'>): NewFrame {
  const shell = { proto: PROTO.shell, sessionId }
  if (kind === 'output') return { ...shell, type: 'shell', props: { status: STATUS_OK }, body: Buffer.from(text) }
  const [width = 80, height = 24] = text.split('x').map(Number)
  return { ...shell, type: 'resize', props: { terminal_width: width, terminal_height: height } }
}
