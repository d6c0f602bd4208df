import { createHash, createPublicKey } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'

/** A device's public key, written anew, so that other line lengths or white space make no other key of it. */
export interface PublicKey {
  publicKeyPem: string
  /** SHA-256 of the DER (SubjectPublicKeyInfo), lower hex. */
  fingerprint: string
  /** As a person reads it: `RSA 3072`, `EC prime256v1`, `ED25519`. */
  algorithm: string
}

/** Reads a PEM public key of any algorithm that a device may sign with: RSA, EC or Ed25519. BAD_INPUT for anything else. */
export function readPublicKey(pem: string): PublicKey {
  const key = parsePem(pem)
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details } = key
  if (!['rsa', 'ec', 'ed25519'].includes(type))
    throw new AppError('BAD_INPUT', `A device cannot sign with a key of type ${type}`, 'Use an RSA, EC or Ed25519 key.')
  const fingerprint = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  const algorithm = [type.toUpperCase(), details?.modulusLength ?? details?.namedCurve ?? ''].join(' ').trim()
  return { publicKeyPem: String(key.export({ type: 'spki', format: 'pem' })), fingerprint, algorithm }
}

function parsePem(pem: string): ReturnType<typeof createPublicKey> {
  const hint = 'Give the whole block from -----BEGIN PUBLIC KEY----- to -----END PUBLIC KEY-----.'
  if (!pem.includes('-----BEGIN PUBLIC KEY-----') && !pem.includes('-----BEGIN RSA PUBLIC KEY-----'))
    throw new AppError('BAD_INPUT', 'This is not a PEM public key', hint)
  try {
    return createPublicKey(pem)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', 'The public key cannot be read', hint, thrown)
  }
}
