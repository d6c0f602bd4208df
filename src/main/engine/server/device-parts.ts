import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { DeviceTokens } from './device-token.ts'
import type { ActionParts } from './actions.ts'
import { AppError } from '../../contract/errors.ts'
import { afterPoll } from '../fleet/polls.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { Reported } from '../store/last-seen.ts'
import type { NewTimelineEntry } from '../store/timeline.ts'
import { endedMeanwhile } from './deployment-actions.ts'
import type { DownloadRates } from './download-rates.ts'
import { parseInput } from './problem.ts'
import type { DeviceLines } from '../connect/lines.ts'
import type { Transfers } from './transfers.ts'
import type { SocketWatch } from './websocket-pipe.ts'

/** What the routes of the device API work with. */
export interface DeviceParts extends ActionParts {
  tokens: DeviceTokens
  transfers: Transfers
  rates: DownloadRates
  lines: DeviceLines
  sockets: SocketWatch
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set on guarded routes of the device API. */
    deviceId: string
  }
}

/** The JSON body as the schema describes it. Bodies arrive as raw bytes here, because signatures are over those. */
export function readBody<S extends z.ZodType>({ body }: FastifyRequest, schema: S): z.output<S> {
  return parseInput(schema, parseJson(rawBody(body).toString()))
}

export function rawBody(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', 'The body is not JSON', 'Send what the device API describes.', thrown)
  }
}

/** The deployment of this id on the device that asks, or NOT_FOUND. */
export function ownDeployment(parts: DeviceParts, { deviceId }: FastifyRequest, deploymentId: string): StoredDeviceDeployment {
  const find = (): StoredDeviceDeployment | null => parts.store.deviceDeployments.get(deploymentId, deviceId)
  const before = find()
  const found = before && endedMeanwhile(parts, before) ? find() : before
  if (!found) throw new AppError('NOT_FOUND', `This device has no deployment ${deploymentId}`, 'It may have been removed.')
  return found
}

/** Notes that a device was heard. */
export function heard({ store, now }: DeviceParts, deviceId: string): void {
  const { lastPollAt, pollIntervalMs } = store.lastSeen.get(deviceId)
  store.lastSeen.set(deviceId, { lastSeenAt: now(), lastPollAt, pollIntervalMs })
}

/** Notes that a device has polled. */
export function polled({ store, now }: DeviceParts, deviceId: string): void {
  const at = now()
  const before = store.lastSeen.get(deviceId)
  const { lastPollAt, pollIntervalMs } = afterPoll(before, at)
  store.lastSeen.set(deviceId, { lastSeenAt: at, lastPollAt, pollIntervalMs })
  if (before.lastPollAt !== null && lastPollAt !== before.lastPollAt) store.lastSeen.addGap(deviceId, at - before.lastPollAt)
}

/** Keeps what a device says of itself, and notes it when it runs something else than before. */
export function reported(parts: DeviceParts, deviceId: string, said: Reported): void {
  const { store, now } = parts
  const before = store.lastSeen.reported(deviceId)
  const isNewName = said.artifactName !== null && said.artifactName !== before.artifactName
  const isNewType = said.deviceType !== null && said.deviceType !== before.deviceType
  if (!isNewName && !isNewType) return
  store.devices.setReported(deviceId, { ...said, at: now() })
  if (isNewName)
    note(parts, {
      deviceId,
      lane: 'state',
      text: `Runs ${said.artifactName}${before.artifactName === null ? '' : ` (before: ${before.artifactName})`}`,
    })
}

type Note = Pick<NewTimelineEntry, 'deviceId' | 'text' | 'lane'> & Partial<NewTimelineEntry>

/** Writes a line into a device's timeline. */
export function note({ store, now }: Pick<DeviceParts, 'store' | 'now'>, entry: Note): void {
  store.timeline.append({ at: now(), deploymentId: null, level: 'info', ...entry })
}

/** Writes a line unless the last line of that lane says the same: a device that is refused asks again and again. */
export function noteOnce(parts: Pick<DeviceParts, 'store' | 'now'>, entry: Note): void {
  if (parts.store.timeline.lastOf(entry.deviceId, entry.lane)?.text !== entry.text) note(parts, entry)
}

/** A size as people read it in a timeline. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} kB`
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`
}
