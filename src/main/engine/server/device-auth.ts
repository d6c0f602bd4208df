import { createPublicKey, verify } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { acceptMode } from '../../contract/accept-mode.ts'
import { isWelcome } from '../fleet/accept.ts'
import { deviceStatusOf, statusOnRequest } from '../fleet/authsets.ts'
import { type NormalisedIdentity, deviceName, parseIdData } from '../fleet/identity.ts'
import type { StoredAuthset } from '../store/authsets.ts'
import type { StoredDevice } from '../store/devices.ts'
import { isInSubnet } from './subnet.ts'
import { setAuthsetStatus } from './device-actions.ts'
import { type DeviceParts, heard, note, noteOnce, rawBody, readBody } from './device-parts.ts'
import { type PublicKey, readPublicKey } from './public-key.ts'
import { authRequestBody } from './wire.ts'

/** Anybody on the network may ask to join under ever new names or with ever new keys; only so many are kept waiting. */
const MAX_WAITING_DEVICES = 10_000
const MAX_WAITING_KEYS = 100

/** The setting that holds the accept mode. */
export const ACCEPT_MODE = 'server.acceptMode'

/**
 * Authentication of devices: 400 for what is no request, 401 for a wrong signature and for a key that is not accepted, 200 with the
 * token as the whole body. The Authorization header means nothing here: clients send `Bearer` alone, or `API_KEY`.
 */
export function registerDeviceAuth(scope: FastifyInstance, parts: DeviceParts): void {
  scope.post('/v1/authentication/auth_requests', async (request, reply) => {
    const { idData, publicKeyPem } = readBody(request, authRequestBody)
    const key = readPublicKey(publicKeyPem)
    const identity = parseIdData(idData)
    const signature = request.headers['x-men-signature']
    if (typeof signature !== 'string') throw new AppError('BAD_INPUT', 'missing request signature header', 'Send X-MEN-Signature.')
    const asking = { identity, key, from: request.ip }
    if (!isSigned(request, key, signature)) throw remembered(parts, asking, badSignature(parts, asking))
    const { device, authset } = admit(parts, asking)
    heard(parts, device.id)
    if (authset.status !== 'accepted') throw remembered(parts, asking, refusal(parts, device, authset))
    for (const fingerprint of [key.fingerprint, '']) parts.store.refusals.forget(identity.hash, fingerprint)
    return reply.code(200).type('application/jwt').send(parts.tokens.issue(authset))
  })
}

/** Over the bytes as they came: clients differ in their JSON, and one ends it with a newline. */
function isSigned({ body }: FastifyRequest, { publicKeyPem }: PublicKey, signature: string): boolean {
  const key = createPublicKey(publicKeyPem)
  const digest = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return verify(digest, rawBody(body), key, Buffer.from(signature, 'base64'))
}

/** Keeps why the device is refused, for who wonders; answers the refusal. */
function remembered({ store, now }: DeviceParts, { identity, key, from }: Asking, error: AppError): AppError {
  const { hash: identityHash, identity: said } = identity
  store.refusals.note({ identityHash, identity: said, fingerprint: key.fingerprint, address: from, reason: error.message, at: now() })
  return error
}

function badSignature(parts: DeviceParts, { identity, key }: Asking): AppError {
  const known = parts.store.devices.byIdentityHash(identity.hash)
  const text = `Authentication refused: the signature does not fit the key ${key.fingerprint.slice(0, 12)} that came with it`
  if (known) noteOnce(parts, { deviceId: known.id, lane: 'http', level: 'warning', text })
  return new AppError(
    'LOGIN_REFUSED',
    'signature verification failed',
    'The request was not signed with the private half of the key that it carries.',
  )
}

function refusal(parts: DeviceParts, device: StoredDevice, { status, fingerprint }: StoredAuthset): AppError {
  const key = `key ${fingerprint.slice(0, 12)}`
  const name = `${deviceName(device)}, ${key}`
  if (status === 'rejected') {
    noteOnce(parts, {
      deviceId: device.id,
      lane: 'http',
      level: 'warning',
      text: `Asked to join with the rejected ${key}, and was refused`,
    })
    return new AppError('LOGIN_REFUSED', `dev auth: unauthorized: this device was rejected (${name})`, 'Accept its key on the bench.')
  }
  return new AppError('LOGIN_REFUSED', `dev auth: unauthorized: waiting to be accepted (${name})`, 'Accept it on the bench.')
}

interface Asking {
  identity: NormalisedIdentity
  key: PublicKey
  from: string
}

/** The device and the key that ask, made known if they are new, and accepted if the rules say so. */
function admit(parts: DeviceParts, asking: Asking): { device: StoredDevice; authset: StoredAuthset } {
  const { store } = parts
  return store.transaction(() => {
    const welcome = isWelcome(store.settings.get(ACCEPT_MODE, acceptMode) ?? 'none', {
      identity: asking.identity.identity,
      isFrom: (subnet) => isInSubnet(asking.from, subnet),
      now: parts.now(),
    })
    const before = store.devices.byIdentityHash(asking.identity.hash)
    const known = before && store.authsets.byKey(before.id, asking.key.fingerprint)
    if (!known && !welcome) refuseCrowd(parts, before)
    const device = before ?? addDevice(parts, asking)
    const status = statusOnRequest(known?.status ?? null, welcome)
    const authset = known ?? addAuthset(parts, device, asking)
    if (authset.status === status || status !== 'accepted') return { device, authset }
    setAuthsetStatus(parts, { deviceId: device.id, authsetId: authset.id, status })
    return { device, authset: { ...authset, status } }
  })
}

/** LOGIN_REFUSED when too many wait already, so that the next one is not kept. */
function refuseCrowd({ store }: DeviceParts, device: StoredDevice | null): void {
  if (!device && store.devices.count('pending') >= MAX_WAITING_DEVICES)
    throw new AppError('LOGIN_REFUSED', `${MAX_WAITING_DEVICES} devices wait to be accepted already`, 'Accept or decommission some.')
  if (!device) return
  const waiting = store.authsets.ofDevice(device.id).filter(({ status }) => status === 'pending')
  if (waiting.length >= MAX_WAITING_KEYS)
    throw new AppError(
      'LOGIN_REFUSED',
      `${MAX_WAITING_KEYS} keys of ${deviceName(device)} wait already`,
      'Accept one, or decommission the device.',
    )
}

function addDevice({ store, now, newId }: DeviceParts, { identity: { hash, identity } }: Asking): StoredDevice {
  const id = newId()
  store.devices.add({ id, identityHash: hash, identity, createdAt: now() })
  const added = store.devices.get(id)
  if (!added) throw new AppError('INTERNAL', `The device ${id} is gone right after it was added`)
  return added
}

function addAuthset(parts: DeviceParts, device: StoredDevice, { key, from }: Asking): StoredAuthset {
  const { store, now, newId } = parts
  const others = store.authsets.ofDevice(device.id)
  const authset: StoredAuthset = { id: newId(), deviceId: device.id, ...key, status: 'pending', createdAt: now() }
  store.authsets.add(authset)
  const deviceStatus = deviceStatusOf([...others, authset].map(({ status }) => status))
  store.authsets.setStatuses(device.id, { statuses: new Map(), deviceStatus, at: now() })
  const text = `Asks to join from ${from} with key ${key.fingerprint.slice(0, 12)} (${key.algorithm})`
  const isReflashed = others.length > 0
  note(parts, {
    deviceId: device.id,
    lane: 'http',
    level: isReflashed ? 'warning' : 'info',
    text: isReflashed ? `${text}: a new key for a known identity, as after re-flashing` : text,
  })
  return authset
}
