import { type KeyObject, sign, verify } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { parsePrivateKey, parsePublicKey } from './keys.ts'

/** Signs manifests. `lengthBytes` is the length of every signature it makes. */
export interface Signer {
  readonly lengthBytes: number
  /** The content of manifest.sig: base64 in one line without a newline, which the C++ client would refuse. */
  sign(manifest: Uint8Array): string | Promise<string>
}

/** P-256 signatures are written as r||s, 32 bytes each. */
const RAW_ECDSA_BYTES = 64

/** Signs with RSA PKCS#1 v1.5 or ECDSA P-256, over SHA-256 (mender-artifact format, "manifest.sig"). */
export function signerOf(privateKeyPem: string, passphrase?: string): Signer {
  const key = parsePrivateKey(privateKeyPem, passphrase)
  const rawBytes = key.asymmetricKeyType === 'rsa' ? Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8) : RAW_ECDSA_BYTES
  return {
    lengthBytes: Math.ceil(rawBytes / 3) * 4,
    sign: (manifest) => sign('sha256', manifest, { key, dsaEncoding: 'ieee-p1363' }).toString('base64'),
  }
}

/** A public key to try, and what to call it. */
export interface VerificationKey {
  name: string
  publicKeyPem: string
}

/** The name of the first key that made this signature, or null. SIGNATURE_INVALID when manifest.sig is no base64 at all. */
export function verifiedBy(manifest: Uint8Array, signature: Uint8Array, keys: readonly VerificationKey[]): string | null {
  const raw = decodeSignature(signature)
  return keys.find(({ publicKeyPem }) => fits(manifest, raw, parsePublicKey(publicKeyPem)))?.name ?? null
}

function decodeSignature(signature: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(signature).replace(/\r?\n/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$|^(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$/.test(text))
    throw new AppError('SIGNATURE_INVALID', 'manifest.sig is not base64', 'Sign the artifact again.')
  return Buffer.from(text, 'base64')
}

/** ECDSA is read as r||s and as DER, which PKCS#11 tokens make. */
function fits(manifest: Uint8Array, raw: Uint8Array, key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'ec') return verify('sha256', manifest, key, raw)
  const dsaEncoding = raw.length === RAW_ECDSA_BYTES ? 'ieee-p1363' : 'der'
  return verify('sha256', manifest, { key, dsaEncoding }, raw)
}
