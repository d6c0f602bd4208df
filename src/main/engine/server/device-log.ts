import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { TimelineEntry } from '../../contract/devices.ts'
import type { LogMessage } from '../store/device-deployments.ts'
import { type DeviceParts, note, ownDeployment, rawBody } from './device-parts.ts'
import { explainFailedAttempt } from './failed-attempts.ts'
import { parseInput } from './problem.ts'
import { readLog } from './wire.ts'

const LOG_LIMIT_BYTES = 16 * 1024 * 1024
/** How many lines of a log become lines of the timeline; the log itself is kept whole. */
const SHOWN_LINES = 200
/** A device whose clock is further off than this has no clock. */
const CLOCK_TOLERANCE_MS = 86_400_000

const params = z.object({ id: z.string() })

/** The log of a failed deployment. Anything is taken: an odd log is better than none. */
export function registerDeviceLog(scope: FastifyInstance, parts: DeviceParts): void {
  scope.put('/v1/deployments/device/deployments/:id/log', { bodyLimit: LOG_LIMIT_BYTES }, async (request, reply) => {
    const { deviceId, deploymentId } = ownDeployment(parts, request, parseInput(params, request.params).id)
    const messages = readLog(rawBody(request.body).toString())
    const { store, now } = parts
    store.transaction(() => {
      store.deviceDeployments.setLog({ deploymentId, deviceId }, messages, now())
      note(parts, { deviceId, deploymentId, lane: 'http', text: `Sent its log: ${messages.length} lines` })
      for (const line of shownLines(messages)) note(parts, { deviceId, deploymentId, lane: 'log', ...toLine(line, now()) })
      explainFailedAttempt(parts, { deploymentId, deviceId }, messages)
    })
    return reply.code(204).send()
  })
}

/** All lines of a short log; of a long one what is not routine, and its end. */
function shownLines(messages: readonly LogMessage[]): LogMessage[] {
  if (messages.length <= SHOWN_LINES) return [...messages]
  const end = new Set(messages.slice(-SHOWN_LINES / 4))
  const others = messages.filter((each) => !end.has(each) && levelOf(each) !== 'info')
  return [...others.slice(-(SHOWN_LINES - end.size)), ...end]
}

function toLine(line: LogMessage, now: number): Pick<TimelineEntry, 'at' | 'level' | 'text'> {
  const told = Date.parse(line.at)
  const at = Math.abs(told - now) < CLOCK_TOLERANCE_MS ? told : now
  return { at, level: levelOf(line), text: line.message }
}

function levelOf({ level }: LogMessage): TimelineEntry['level'] {
  if (/^(err|fatal|crit|panic)/i.test(level)) return 'error'
  return /^warn/i.test(level) ? 'warning' : 'info'
}
