import { AppError } from '../../contract/errors.ts'
import { type VerificationKey, verifiedBy } from './sign.ts'

/** P-256 signatures are r||s, 32 bytes each. */
const NUMBER_BYTES = 32

/** RSA moduli from 1024 to 16384 bits. */
const RSA_BYTES = { min: 128, max: 2048 }

/**
 * The content of manifest.sig for a signature made elsewhere, as the tools there hand it out: raw bytes, base64 text (lines or one), or
 * ECDSA in DER, which becomes r||s. BAD_INPUT for anything that is no RSA or P-256 signature.
 */
export function importSignature(bytes: Uint8Array): string {
  const raw = fromText(bytes) ?? bytes
  const fixed = fromDer(raw) ?? raw
  const isEcdsa = fixed.length === 2 * NUMBER_BYTES
  if (!isEcdsa && (fixed.length < RSA_BYTES.min || fixed.length > RSA_BYTES.max)) {
    const hint = 'Give what `openssl dgst -sha256 -sign KEY manifest` makes, as it is or in base64.'
    throw new AppError('BAD_INPUT', `${bytes.length} bytes are no RSA or P-256 signature`, hint)
  }
  return Buffer.from(fixed).toString('base64')
}

/** The bytes behind base64, or null when this is no text of base64. */
function fromText(bytes: Uint8Array): Uint8Array | null {
  const text = Buffer.from(bytes).toString('latin1').replace(/\s+/g, '')
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null
  return Buffer.from(text, 'base64')
}

/** r||s of `SEQUENCE {INTEGER r, INTEGER s}`, or null when this is none. */
function fromDer(der: Uint8Array): Uint8Array | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return null
  const r = derNumber(der, 2)
  const s = r && derNumber(der, r.endsAt)
  if (!r || !s || s.endsAt !== der.length) return null
  const raw = new Uint8Array(2 * NUMBER_BYTES)
  raw.set(r.digits, NUMBER_BYTES - r.digits.length)
  raw.set(s.digits, 2 * NUMBER_BYTES - s.digits.length)
  return raw
}

function derNumber(der: Uint8Array, at: number): { digits: Uint8Array; endsAt: number } | null {
  const length = der[at + 1] ?? 0
  const endsAt = at + 2 + length
  if (der[at] !== 0x02 || length === 0 || endsAt > der.length) return null
  const whole = der.subarray(at + 2, endsAt)
  const digits = whole[0] === 0 ? whole.subarray(1) : whole
  return digits.length > NUMBER_BYTES ? null : { digits, endsAt }
}

/** The name of the key that made this signature (content of manifest.sig). SIGNATURE_INVALID when none of `keys` did. */
export function checkSignature(manifest: Uint8Array, signature: string, keys: readonly VerificationKey[]): string {
  const by = verifiedBy(manifest, new TextEncoder().encode(signature), keys)
  if (by !== null) return by
  const names = keys.map(({ name }) => name).join(', ')
  const hint = 'Sign exactly the bytes that --detached hands out, with SHA-256 and, for RSA, PKCS#1 v1.5 padding.'
  throw new AppError('SIGNATURE_INVALID', `The signature is not one of ${names} over this manifest`, hint)
}
