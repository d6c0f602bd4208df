import { z } from 'zod'
import { call, id, instant, live, nothing } from './operations.ts'

export const keyAlgorithm = z.enum(['rsa-3072', 'rsa-4096', 'p256'])

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

export const keys = {
  list: live(nothing, z.array(signingKey)),
  generate: call(z.object({ name: z.string().regex(/^[\w.-]{1,64}$/), algorithm: keyAlgorithm }), signingKey),
  import: call(z.object({ name: z.string().regex(/^[\w.-]{1,64}$/), pem: z.string() }), signingKey),
  remove: call(z.object({ id }), nothing),
}
