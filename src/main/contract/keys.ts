import { z } from 'zod'
import { call, id, instant, live, nothing } from './operations.ts'

export const keyAlgorithm = z.enum(['rsa-3072', 'rsa-4096', 'p256'])

export const keyName = z.string().regex(/^[\w.-]{1,64}$/, 'At most 64 letters, digits and . _ -')

/** A signing key. The private half never leaves the engine. */
export const signingKey = z.object({
  id,
  name: z.string(),
  algorithm: z.string(),
  /** SHA-256 of the public key's SubjectPublicKeyInfo, lower hex. */
  fingerprint: z.string(),
  publicKeyPem: z.string(),
  hasPrivateKey: z.boolean(),
  createdAt: instant,
})
export type SigningKey = z.infer<typeof signingKey>

/** How private halves lie on the disk. */
export const keyProtection = z.object({
  /** The system's keychain that seals them; null where there is none, and they are files of mode 0600. */
  keychain: z.string().nullable(),
  /** Why there is none, in words; empty where there is one. */
  why: z.string(),
  /** Names of keys that were sealed by a keychain that is not open here: they cannot sign. */
  locked: z.array(z.string()),
})
export type KeyProtection = z.infer<typeof keyProtection>

export const keys = {
  list: live(nothing, z.array(signingKey)),
  protection: live(nothing, keyProtection),
  generate: call(z.object({ name: keyName, algorithm: keyAlgorithm }), signingKey),
  /** Takes a PEM, public or private. The passphrase opens an encrypted one, and is kept nowhere. */
  import: call(z.object({ name: keyName, pem: z.string().max(100_000), passphrase: z.string().max(1000).optional() }), signingKey),
  rename: call(z.object({ id, name: keyName }), signingKey),
  remove: call(z.object({ id }), nothing),
}
