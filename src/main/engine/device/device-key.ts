import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Files } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import type { DeviceKeyAlgorithm } from './options.ts'

const generate = promisify(generateKeyPair)

/** A device's own key: it signs authentication requests with it. */
export interface DeviceKey {
  /** SubjectPublicKeyInfo. */
  publicKeyPem: string
  /** The value of X-MEN-Signature for a request body: base64 of RSA PKCS#1 v1.5 or ECDSA (DER) over SHA-256, or pure Ed25519. */
  sign(body: Uint8Array): string
}

/** Reads the key at `path`, or makes one there. */
export async function openDeviceKey(files: Files, path: string, algorithm: DeviceKeyAlgorithm): Promise<DeviceKey> {
  if (await files.stat(path)) return deviceKey(createPrivateKey(new TextDecoder().decode(await readWhole(files, path))))
  const key = await makeKey(algorithm)
  const pem = key.export({ type: 'pkcs8', format: 'pem' })
  await writeAtomic(files, path, new TextEncoder().encode(pem.toString()), 0o600)
  return deviceKey(key)
}

async function makeKey(algorithm: DeviceKeyAlgorithm): Promise<KeyObject> {
  if (algorithm === 'ed25519') return (await generate('ed25519')).privateKey
  if (algorithm === 'rsa-3072') return (await generate('rsa', { modulusLength: 3072 })).privateKey
  return (await generate('ec', { namedCurve: 'P-256' })).privateKey
}

function deviceKey(privateKey: KeyObject): DeviceKey {
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return {
    publicKeyPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (body) => sign(digest, body, privateKey).toString('base64'),
  }
}
