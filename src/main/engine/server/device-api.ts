import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { registerDeviceAuth } from './device-auth.ts'
import { registerDeviceConfig } from './device-config.ts'
import { registerDeviceConnect } from './device-connect.ts'
import { registerDeviceDeployments } from './device-deployments.ts'
import { registerDeviceInventory } from './device-inventory.ts'
import { registerDeviceLog } from './device-log.ts'
import { type DeviceParts, heard } from './device-parts.ts'
import { deviceTokenOf } from './device-token.ts'
import { registerDownload } from './download.ts'

const PREFIX = '/api/devices'

/** Mender's device API (v1, and of v2 what its clients use), below /api/devices. */
export function registerDeviceApi(app: FastifyInstance, parts: DeviceParts): void {
  app.register(
    async (scope) => {
      scope.decorateRequest('deviceId', '')
      // Raw bytes, whatever the content type says: signatures are over them, and old clients name types oddly. No limit of its
      // own here: a parser's limit would win over a route's.
      scope.removeAllContentTypeParsers()
      // The usual type is named, so that it is found without a search.
      for (const type of ['application/json', '*'])
        scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      registerDeviceAuth(scope, parts)
      registerDownload(scope, parts)
      scope.register(async (guarded) => {
        guarded.addHook('onRequest', (request, _reply, done) => {
          request.deviceId = deviceOf(parts, request)
          heard(parts, request.deviceId)
          done()
        })
        registerDeviceInventory(guarded, parts)
        registerDeviceDeployments(guarded, parts)
        registerDeviceLog(guarded, parts)
        registerDeviceConfig(guarded, parts)
        registerDeviceConnect(guarded, parts)
      })
    },
    { prefix: PREFIX },
  )
}

/** Always 401 for a token that is not good: on 403 no client authenticates anew. */
function deviceOf({ tokens, store, now }: DeviceParts, request: FastifyRequest): string {
  const token = deviceTokenOf(request)
  if (token === null) throw new AppError('LOGIN_REFUSED', 'This needs a device token', 'Authenticate first.')
  const checked = tokens.check(token)
  if (checked.kind === 'valid') return checked.deviceId
  const device = checked.deviceId === null ? null : store.devices.get(checked.deviceId)
  if (device) {
    const { identityHash, identity } = device
    store.refusals.note({ identityHash, identity, fingerprint: '', address: request.ip, reason: checked.why, at: now() })
  }
  throw new AppError('LOGIN_REFUSED', checked.why, 'Authenticate anew.')
}
