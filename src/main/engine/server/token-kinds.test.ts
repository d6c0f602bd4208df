import { createSecretKey } from 'node:crypto'
import { expect, it } from 'vitest'
import { openDeviceTokens } from './device-token.ts'
import { signJwt } from './jwt.ts'
import { openLogin } from './login.ts'
import { openBench } from './management.cases.ts'
import { createServer } from './server.ts'

it('a device token opens nothing of the management API, and a management token nothing of the device API', async () => {
  await using bench = await openBench()
  const { parts, token: session } = bench
  const server = createServer({ actions: parts, login: parts.login, recordings: parts.recordings })
  const app = await server.app()
  const deviceId = bench.addDevice('a')
  const device = openDeviceTokens(parts).issue({ id: `${deviceId}-key`, deviceId })
  const personal = parts.login.createToken(parts.login.visitor(session), { name: 'ci', expiresInMs: null })

  const statusOf = async (url: string, token: string) =>
    [
      await app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } }),
      await app.inject({ method: 'GET', url, headers: { cookie: `JWT=${token}` } }),
    ].map(({ statusCode }) => statusCode)
  const management = '/api/management/v1/useradm/users/me'
  const devices = '/api/devices/v1/deployments/device/deployments/next?artifact_name=a&device_type=b'
  expect(await statusOf(management, session)).toEqual([200, 200])
  expect(await statusOf(management, personal)).toEqual([200, 200])
  expect(await statusOf(management, device)).toEqual([401, 401])
  expect(await statusOf(devices, device)).toEqual([204, 204])
  expect(await statusOf(devices, session)).toEqual([401, 401])
  expect(await statusOf(devices, personal)).toEqual([401, 401])
  await app.close()
})

it('the claims decide too, should the secrets ever be the same', async () => {
  await using bench = await openBench()
  const { store } = bench.parts
  const deviceId = bench.addDevice('a')
  store.settings.set('server.deviceTokenSecret', Buffer.alloc(32).toString('base64'))
  store.settings.set('server.managementSecret', Buffer.alloc(32).toString('base64url'))
  const login = openLogin({ store, clock: { now: bench.parts.now, sleep: async () => undefined } })
  const tokens = openDeviceTokens(bench.parts)
  expect(() => login.visitor(tokens.issue({ id: `${deviceId}-key`, deviceId }))).toThrow(expect.objectContaining({ code: 'LOGIN_REFUSED' }))
  const session = login.adminSession()
  expect(login.visitor(session).user.name).toBe('admin')
  expect(tokens.check(session)).toMatchObject({ kind: 'refused' })
  expect(tokens.check(signJwt(createSecretKey(Buffer.alloc(32)), { jti: `${deviceId}-key`, sub: deviceId, exp: 9e9 }))).toMatchObject({
    kind: 'refused',
  })
})
