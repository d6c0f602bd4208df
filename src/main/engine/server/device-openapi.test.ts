import { expect, it } from 'vitest'
import { abortDeployment } from './deployment-actions.ts'
import { authBody, makeDevice, openDeviceBench } from './device.cases.ts'
import { openApiCheck } from './openapi.cases.ts'

const AUTH = '/api/devices/v1/authentication/auth_requests'
const INVENTORY = '/api/devices/v1/inventory/device/attributes'
const NEXT = '/api/devices/v1/deployments/device/deployments/next'
const STATUS = '/api/devices/v1/deployments/device/deployments/{id}/status'
const LOG = '/api/devices/v1/deployments/device/deployments/{id}/log'

// Not here: POST next, which the document does not have, and 409 to a status, for which it has no body; ours says what happened.
it('every answer to a device keeps to Mender’s OpenAPI document', async () => {
  await using bench = await openDeviceBench()
  const breachesOf = openApiCheck()
  const { id, token } = await bench.join('aa')
  await bench.addArtifact('v2', Buffer.alloc(5000))
  const deploymentId = bench.deploy('v2', [id])

  const call = async (
    method: 'GET' | 'PUT' | 'POST' | 'PATCH',
    path: string,
    options: { body?: unknown; query?: string; headers?: object },
  ) => {
    const { body, query = '', headers = {} } = options
    const payload = typeof body === 'string' ? body : JSON.stringify(body)
    const url = `${path.replace('{id}', deploymentId)}${query}`
    const sent = { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers }
    const answer = await bench.app.inject({ method, url, headers: sent, ...(body === undefined ? {} : { payload }) })
    const contentType = (answer.headers['content-type'] ?? '').split(';')[0] ?? ''
    const shown = { status: answer.statusCode, contentType, headers: answer.headers, body: answer.body }
    return [answer.statusCode, ...breachesOf(method, path, shown)]
  }

  const stranger = makeDevice('bb')
  const body = authBody(stranger)
  const none = { authorization: 'Bearer none' }
  const answers = [
    await call('POST', AUTH, { body, headers: { 'x-men-signature': stranger.sign(body) } }),
    await call('POST', AUTH, { body: '{}' }),
    await call('PUT', INVENTORY, { body: [{ name: 'a', value: 'b' }] }),
    await call('PATCH', INVENTORY, { body: [{ name: 'a', value: ['b', 'c'] }] }),
    await call('PUT', INVENTORY, { body: '{}' }),
    await call('PATCH', INVENTORY, { body: [], headers: none }),
    await call('GET', NEXT, { query: '?artifact_name=v1&device_type=board' }),
    await call('GET', NEXT, {}),
    await call('PUT', STATUS, { body: { status: 'downloading', substate: 'half' } }),
    await call('PUT', STATUS, { body: { status: 'flying' } }),
    await call('PUT', LOG, { body: { messages: [{ timestamp: '2026-05-01T00:00:00Z', level: 'error', message: 'no' }] } }),
  ]
  await abortDeployment(bench.actions, deploymentId)
  answers.push(await call('GET', NEXT, { query: '?artifact_name=v1&device_type=board' }))
  expect(answers).toEqual([401, 400, 200, 200, 400, 401, 200, 400, 204, 400, 204, 204].map((status) => [status]))
})
