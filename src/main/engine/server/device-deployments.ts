import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { reportStatus } from '../fleet/device-deployment.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import { stopWhenFailing } from './deployment-actions.ts'
import { type DeviceParts, note, ownDeployment, polled, readBody, reported } from './device-parts.ts'
import { downloadLink } from './download.ts'
import { noteFailedAttempt } from './failed-attempts.ts'
import { offerNext } from './offer.ts'
import { parseInput } from './problem.ts'
import { type NextQuestion, instructionsJson, nextBodyV1, nextBodyV2, nextQueryV1, statusBody } from './wire.ts'
import { updateControlMapJson } from './wire-update-control.ts'

const NEXT = 'deployments/device/deployments/next'
const ONE = 'deployments/device/deployments/:id'
/** Clients do not look at it; links are good until the deployment ends on the device. */
const LINK_MS = 30 * 86_400_000

const params = z.object({ id: z.string() })

/** Asking for work and reporting on it. */
export function registerDeviceDeployments(scope: FastifyInstance, parts: DeviceParts): void {
  // v2 carries everything that is installed. Clients fall back to v1 only on 404, so "nothing to do" is 204.
  // No promises here: most requests of all are these.
  const next = (ask: (request: FastifyRequest) => NextQuestion) => (request: FastifyRequest, reply: FastifyReply) => {
    answerNext(request, reply, { parts, question: ask(request) })
  }
  scope.post(
    `/v2/${NEXT}`,
    next((request) => readBody(request, nextBodyV2)),
  )
  scope.post(
    `/v1/${NEXT}`,
    next((request) => readBody(request, nextBodyV1)),
  )
  scope.get(
    `/v1/${NEXT}`,
    next((request) => parseInput(nextQueryV1, request.query)),
  )
  // Clients 3.x look here again while they pause.
  scope.get(`/v2/${ONE}/update_control_map`, async (request) => {
    const { id } = parseInput(params, request.params)
    const map = parts.store.deployments.get(ownDeployment(parts, request, id).deploymentId)?.updateControlMap
    if (!map) throw new AppError('NOT_FOUND', 'There is no update control map for this deployment')
    return { update_control_map: updateControlMapJson(id, map) }
  })
  scope.put(`/v1/${ONE}/status`, async (request, reply) => {
    const { id } = parseInput(params, request.params)
    takeStatus(parts, ownDeployment(parts, request, id), readBody(request, statusBody))
    return reply.code(204).send()
  })
}

function answerNext(
  request: FastifyRequest,
  reply: FastifyReply,
  { parts, question }: { parts: DeviceParts; question: NextQuestion },
): void {
  const { deviceId } = request
  const { provides } = question
  polled(parts, deviceId)
  reported(parts, deviceId, { deviceType: provides['device_type'] ?? null, artifactName: provides['artifact_name'] ?? null })
  const offer = offerNext(parts, deviceId, question)
  if (!offer) return void reply.code(204).send()
  const { deploymentId, artifact } = offer
  const uri = downloadLink(request, parts, { deploymentId, artifactId: artifact.id })
  const updateControlMap = question.isControllable ? (parts.store.deployments.get(deploymentId)?.updateControlMap ?? null) : null
  void reply.code(200).send(instructionsJson({ deploymentId, artifact, uri, expiresAt: parts.now() + LINK_MS, updateControlMap }))
}

/** CONFLICT after an abort: the client then undoes what it has done. */
function takeStatus(parts: DeviceParts, current: StoredDeviceDeployment, { status, substate }: z.output<typeof statusBody>): void {
  const { now, transfers } = parts
  const { deviceId, deploymentId } = current
  const report = reportStatus({ ...current, isOffered: current.artifactId !== null }, status)
  if (report.kind === 'refused') throw new AppError('BAD_INPUT', report.why, 'Report one of the statuses of the device API.')
  if (status !== 'downloading') transfers.end(deviceId)
  if (report.kind === 'aborted') {
    const text = `Reported "${status}" and was told that the deployment is ${current.status}`
    note(parts, { deviceId, deploymentId, lane: 'http', level: 'warning', text })
    throw new AppError('CONFLICT', `The deployment was ${current.status}`, 'The device goes back to what it had.')
  }
  if (report.kind === 'same' && substate === current.substate) return
  parts.store.lastSeen.updating(deviceId)
  const at = now()
  if (report.kind === 'retry') return tryAgain(parts, current, { substate, at })
  const finishedAt = current.finishedAt ?? (report.kind === 'moved' && report.isFinished ? at : null)
  move(parts, current, { status, substate, startedAt: current.startedAt ?? at, finishedAt })
}

type Move = Pick<StoredDeviceDeployment, 'status' | 'substate' | 'startedAt' | 'finishedAt'>

function move(parts: DeviceParts, current: StoredDeviceDeployment, to: Move): void {
  const { deviceId, deploymentId, artifactName } = current
  const hasFailed = to.status === 'failure'
  const failedAttempts = current.failedAttempts + (hasFailed && current.status !== 'failure' ? 1 : 0)
  parts.store.transaction(() => {
    parts.store.deviceDeployments.update({ ...current, ...to, failedAttempts })
    if (failedAttempts > current.failedAttempts) noteFailedAttempt(parts, current, failedAttempts)
    const text = `${artifactName}: ${to.status}${to.substate === '' ? '' : ` (${to.substate})`}`
    note(parts, { deviceId, deploymentId, lane: 'state', level: hasFailed ? 'error' : 'info', text })
    if (hasFailed) stopWhenFailing(parts, deploymentId)
  })
}

/** As if it had not begun; it is offered the same when it asks next. */
function tryAgain(parts: DeviceParts, current: StoredDeviceDeployment, { substate, at }: { substate: string; at: number }): void {
  const { deviceId, deploymentId, artifactName, retries } = current
  const failedAttempts = current.failedAttempts + 1
  parts.store.transaction(() => {
    const again = { status: 'pending', substate, artifactId: null, failedAttempts, startedAt: current.startedAt ?? at } as const
    parts.store.deviceDeployments.update({ ...current, ...again })
    noteFailedAttempt(parts, current, failedAttempts)
    const text = `${artifactName}: failure at try ${failedAttempts} of ${retries + 1}; it gets it again`
    note(parts, { deviceId, deploymentId, lane: 'state', level: 'warning', text })
  })
}
