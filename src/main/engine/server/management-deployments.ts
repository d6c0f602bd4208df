import { Readable } from 'node:stream'
import { setImmediate as othersFirst } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { type DeviceDeploymentStatus, deviceDeploymentStatus, groupName } from '../../contract/devices.ts'
import { AppError } from '../../contract/errors.ts'
import type { StoredDeployment } from '../store/deployments.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import {
  type DeploymentOrder,
  abortDeployment,
  abortDeploymentsOfDevice,
  findDeployment,
  forgetHistory,
  setUpdateControlMap,
} from './deployment-actions.ts'
import type { ManagementParts } from './management-guard.ts'
import { orderDeployment } from './order-deployment.ts'
import { parseInput } from './problem.ts'
import {
  abortBody,
  deploymentBody,
  deploymentIdsBody,
  deploymentJson,
  deploymentParams,
  deploymentQuery,
  deviceDeploymentJson,
  deviceDeploymentPairJson,
  deviceDeploymentQuery,
  groupDeploymentBody,
  logText,
  statisticsJson,
  statisticsListJson,
} from './wire-deployments.ts'
import { planJson } from './wire-plans.ts'
import { updateControlBody } from './wire-update-control.ts'
import { readPage, setPageHeaders, slicePage } from './wire-paging.ts'

const BASE = '/v1/deployments/deployments'
const ONE = `${BASE}/:deployment_id`
/** So many devices of a deployment are told before polls get their turn. */
const SLICE = 500
const idParams = z.object({ id: z.string() })
const groupParams = z.object({ name: groupName })
/** Mender answers 422 for an artifact that it does not have and for an abort that comes too late. */
const created = { config: { statusOf: { NOT_FOUND: 422 } } } as const
const aborted = { config: { statusOf: { CONFLICT: 422 } } } as const

/** Orders and their outcome. */
export function registerDeployments(scope: FastifyInstance, parts: ManagementParts): void {
  registerOrders(scope, parts)
  registerLists(scope, parts)
  registerOutcomes(scope, parts)
  registerDevices(scope, parts)
}

function registerOrders(scope: FastifyInstance, parts: ManagementParts): void {
  const create = async (order: DeploymentOrder) => `/api/management${BASE}/${(await orderDeployment(parts, order)).id}`
  scope.post(BASE, created, async (request, reply) =>
    reply
      .code(201)
      .header('location', await create(parseInput(deploymentBody, request.body)))
      .send(),
  )
  scope.post(`${BASE}/group/:name`, created, async (request, reply) => {
    const { name: group } = parseInput(groupParams, request.params)
    const location = await create({ ...parseInput(groupDeploymentBody, request.body), target: { kind: 'group', group } })
    return reply.code(201).header('location', location).send()
  })
  // As with Mender's commercial plans.
  scope.patch('/v2/deployments/deployments/:id', aborted, async (request, reply) => {
    setUpdateControlMap(parts, parseInput(idParams, request.params).id, parseInput(updateControlBody, request.body))
    return reply.code(204).send()
  })
  scope.put(`${ONE}/status`, aborted, async (request, reply) => {
    parseInput(abortBody, request.body)
    await abortDeployment(parts, parseInput(deploymentParams, request.params).id)
    return reply.code(204).send()
  })
}

function registerLists(scope: FastifyInstance, parts: ManagementParts): void {
  for (const [path, toView] of [
    [BASE, (each: StoredDeployment) => toJson(parts, each)],
    ['/v2/deployments/deployments', (each: StoredDeployment) => ({ ...toJson(parts, each), ...planJson(each, parts.now()) })],
  ] as const) {
    scope.get(path, async (request, reply) => {
      const deployments = find(parts, request.query)
      const page = readPage(request.query)
      setPageHeaders(request, reply, { ...page, total: deployments.length })
      return slicePage(deployments, page).map((each) => toView(each))
    })
  }
  scope.get(`${BASE}/:id`, async (request) => toJson(parts, findDeployment(parts, parseInput(idParams, request.params).id)))
  scope.post(`${BASE}/statistics/list`, async (request) =>
    parseInput(deploymentIdsBody, request.body).map((id) => statisticsListJson(findDeployment(parts, id))),
  )
}

function toJson({ store }: ManagementParts, deployment: StoredDeployment) {
  return deploymentJson(deployment, store.artifacts.byName(deployment.artifactName))
}

function find({ store }: ManagementParts, query: unknown): StoredDeployment[] {
  const { ids, names, status, type, search = '', sort, createdBefore, createdAfter } = parseInput(deploymentQuery, query)
  const words = search.toLowerCase()
  const found = store.deployments
    .list()
    .filter(({ id }) => ids === undefined || ids.includes(id))
    .filter(({ name }) => names === undefined || names.includes(name))
    .filter((each) => status === undefined || each.status === status)
    .filter(({ kind }) => type === undefined || kind === type)
    .filter(({ name, artifactName }) => `${name}\n${artifactName}`.toLowerCase().includes(words))
    .filter(({ createdAt }) => createdAt <= createdBefore && createdAt >= createdAfter)
  return sort === 'asc' ? found.toReversed() : found
}

function registerOutcomes(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  const idOf = (params: unknown): string => findDeployment(parts, parseInput(deploymentParams, params).id).id
  // Lists without pages go out piece by piece: a deployment may be to a million devices.
  const sendAll = (reply: FastifyReply, id: string, toJson: (each: StoredDeviceDeployment) => unknown) =>
    reply.type('application/json; charset=utf-8').send(Readable.from(jsonList(store.deviceDeployments.slices(id, SLICE), toJson)))
  scope.get(`${ONE}/statistics`, async (request) => statisticsJson(findDeployment(parts, parseInput(deploymentParams, request.params).id)))
  scope.get(`${ONE}/devices`, async (request, reply) => sendAll(reply, idOf(request.params), (each) => toDeviceJson(parts, each)))
  scope.get(`${ONE}/devices/list`, async (request, reply) => {
    const { status = 'any' } = parseInput(deviceDeploymentQuery, request.query)
    const page = readPage(request.query)
    const range = { offset: page.offset, limit: page.perPage }
    const { found, total } = await store.deviceDeployments.page(idOf(request.params), kindOf(status), range)
    setPageHeaders(request, reply, { ...page, total })
    return found.map((each) => toDeviceJson(parts, each))
  })
  scope.get(`${BASE}/:deployment_id/device_list`, async (request, reply) =>
    sendAll(reply, idOf(request.params), ({ deviceId }) => deviceId),
  )
  scope.get(`${ONE}/devices/:device_id/log`, async (request, reply) => {
    const { id, deviceId } = parseInput(deploymentParams, request.params)
    if (!store.deviceDeployments.get(id, deviceId)?.hasLog)
      throw new AppError(
        'NOT_FOUND',
        `There is no log of the device ${deviceId} for the deployment ${id}`,
        'A device sends one when an update fails.',
      )
    return reply.type('text/plain').send(logText(store.deviceDeployments.log(id, deviceId)))
  })
}

/** A JSON list, a piece for each slice; what sends it lets others go first. */
async function* jsonList<T>(slices: Iterable<readonly T[]>, toJson: (each: T) => unknown): AsyncGenerator<string, void, void> {
  let before = '['
  for (const slice of slices) {
    yield before + slice.map((each) => JSON.stringify(toJson(each))).join(',')
    before = ','
    await othersFirst()
  }
  yield before === '[' ? '[]' : ']'
}

function kindOf(status: WantedStatus): { statuses: DeviceDeploymentStatus[] | null; isFinished: boolean | null } {
  if (status === 'any') return { statuses: null, isFinished: null }
  if (status === 'active' || status === 'finished') return { statuses: null, isFinished: status === 'finished' }
  const pauses = deviceDeploymentStatus.options.filter((each) => each.startsWith('pause_'))
  return { statuses: status === 'pause' ? pauses : [status], isFinished: null }
}

function toDeviceJson({ store }: ManagementParts, each: StoredDeviceDeployment) {
  const deviceType = store.devices.get(each.deviceId)?.deviceType ?? null
  const artifact = each.artifactId === null ? null : store.artifacts.get(each.artifactId)
  return deviceDeploymentJson(each, { deviceType, artifact })
}

function filterByStatus(found: readonly StoredDeviceDeployment[], query: unknown): StoredDeviceDeployment[] {
  const { status = 'any' } = parseInput(deviceDeploymentQuery, query)
  return found.filter((each) => isOfStatus(each, status))
}

type WantedStatus = DeviceDeploymentStatus | 'any' | 'pause' | 'active' | 'finished'

function isOfStatus({ status, finishedAt }: StoredDeviceDeployment, wanted: WantedStatus): boolean {
  if (wanted === 'any') return true
  if (wanted === 'pause') return status.startsWith('pause_')
  if (wanted === 'active') return finishedAt === null
  return wanted === 'finished' ? finishedAt !== null : status === wanted
}

function registerDevices(scope: FastifyInstance, parts: ManagementParts): void {
  const { store } = parts
  scope.get(`${BASE}/devices/:id`, async (request, reply) => {
    const found = filterByStatus(store.deviceDeployments.ofDevice(parseInput(idParams, request.params).id), request.query)
    const page = readPage(request.query)
    setPageHeaders(request, reply, { ...page, total: found.length })
    return slicePage(found, page).map((each) =>
      deviceDeploymentPairJson(toJson(parts, findDeployment(parts, each.deploymentId)), toDeviceJson(parts, each)),
    )
  })
  scope.delete(`${BASE}/devices/:id`, async (request, reply) => {
    abortDeploymentsOfDevice(parts, parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
  scope.delete(`${BASE}/devices/:id/history`, async (request, reply) => {
    forgetHistory(parts, parseInput(idParams, request.params).id)
    return reply.code(204).send()
  })
}
