import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { Store } from '../store/open.ts'
import { readJwt, signJwt } from './jwt.ts'
import { ownSecret } from './secret.ts'
import { deviceClaims, deviceClaimsJson } from './wire.ts'

export type TokenCheck =
  | { kind: 'valid'; deviceId: string }
  /** `deviceId` of a token that was once given out. */
  | { kind: 'refused'; why: string; deviceId: string | null }

const SECRET = 'server.deviceTokenSecret'
/** As with Mender: a week. */
const LIFETIME_MS = 7 * 86_400_000
/** Tokens whose signature was checked already. */
const CACHE_SIZE = 10_000

/** The token that a request brings, as a Bearer or in the cookie `JWT`; null when it brings none. */
export function deviceTokenOf({ headers }: FastifyRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? /(?:^|; *)JWT=([^;\s]+)/.exec(headers.cookie ?? '')?.[1] ?? null
}

interface Known {
  authsetId: string
  deviceId: string
  expiresAt: number
}

/** Tokens of devices, and signed download links. The secret is made once and kept in the settings. */
export function openDeviceTokens({ store, now }: { store: Store; now: () => number }) {
  const secret = ownSecret(store, SECRET)
  const checked = new Map<string, Known>()

  function read(token: string): Known | null {
    const cached = checked.get(token)
    if (cached) return cached
    const claims = readJwt(secret, token, deviceClaims)
    if (!claims) return null
    const known = { authsetId: claims.jti, deviceId: claims.sub, expiresAt: claims.exp * 1000 }
    if (checked.size >= CACHE_SIZE)
      for (const oldest of checked.keys()) {
        checked.delete(oldest)
        break
      }
    checked.set(token, known)
    return known
  }

  const sign = (text: string): Buffer => createHmac('sha256', secret).update(`link ${text}`).digest()

  return {
    issue(authset: { id: string; deviceId: string }): string {
      const at = now()
      return signJwt(secret, deviceClaimsJson({ authsetId: authset.id, deviceId: authset.deviceId, at, expiresAt: at + LIFETIME_MS }))
    },
    /** The authset is looked up each time: a rejected key's token ends at once. */
    check(token: string): TokenCheck {
      const known = read(token)
      if (!known) return { kind: 'refused', why: 'The token is not from this server', deviceId: null }
      const { deviceId } = known
      if (known.expiresAt <= now()) return { kind: 'refused', why: 'The token has expired', deviceId }
      const status = store.authsets.get(known.authsetId)?.status
      if (status === 'accepted') return { kind: 'valid', deviceId }
      const why = status === undefined ? 'The device was decommissioned, or its key removed' : `The key of the device is ${status}`
      return { kind: 'refused', why, deviceId }
    },
    signLink: (text: string): string => sign(text).toString('base64url'),
    isSignedLink(text: string, signature: string): boolean {
      const given = Buffer.from(signature, 'base64url')
      const wanted = sign(text)
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
  }
}

export type DeviceTokens = ReturnType<typeof openDeviceTokens>
