import { type KeyObject, createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import type { DeviceKeyType } from '../../contract/recipe.ts'

const generateRsa = promisify(generateKeyPair)

/** The key by which a server knows a device. */
export interface DeviceKey {
  /** PKCS#8. */
  pem: string
  publicKeyPem: string
  /** SHA-256 of the SubjectPublicKeyInfo, lower hex. */
  fingerprint: string
}

/** A new key of a device. */
export async function makeDeviceKey(type: DeviceKeyType): Promise<DeviceKey> {
  return described((await generate(type)).privateKey)
}

function generate(type: DeviceKeyType) {
  if (type === 'p256') return generateRsa('ec', { namedCurve: 'P-256' })
  if (type === 'p384') return generateRsa('ec', { namedCurve: 'P-384' })
  if (type === 'ed25519') return generateRsa('ed25519')
  return generateRsa('rsa', { modulusLength: Number(type.slice('rsa-'.length)) })
}

/** A private key in any usual form. Throws what node:crypto says of others. */
export function deviceKeyOf(pem: string): DeviceKey {
  return described(createPrivateKey(pem))
}

function described(key: KeyObject): DeviceKey {
  return {
    pem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ...publicHalf(key.export({ type: 'pkcs8', format: 'pem' }).toString()),
  }
}

/** The public half of a private or public key as PEM. Throws what node:crypto says of others. */
export function publicHalf(pem: string): Omit<DeviceKey, 'pem'> & { type: string } {
  const key = createPublicKey(pem)
  const fingerprint = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  return { publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(), fingerprint, type: typeOf(key) }
}

function typeOf(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return `rsa-${modulusLength}`
  return { prime256v1: 'p256', secp384r1: 'p384' }[namedCurve ?? ''] ?? key.asymmetricKeyType ?? 'unknown'
}
