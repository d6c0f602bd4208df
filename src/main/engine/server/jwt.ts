import { type KeyObject, createHmac, timingSafeEqual } from 'node:crypto'
import type { z } from 'zod'

const HEADER = encode({ alg: 'HS256', typ: 'JWT' })

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function signatureOf(secret: KeyObject, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}

/** A compact JWT (RFC 7519) over the claims, signed with HMAC-SHA-256. */
export function signJwt(secret: KeyObject, claims: object): string {
  const text = `${HEADER}.${encode(claims)}`
  return `${text}.${signatureOf(secret, text).toString('base64url')}`
}

/** The claims of a token that this secret has signed and that fit the schema; null for any other text. Looks at no clock. */
export function readJwt<S extends z.ZodType>(secret: KeyObject, token: string, claims: S): z.output<S> | null {
  const [header, body, signature, ...rest] = token.split('.')
  if (header !== HEADER || body === undefined || signature === undefined || rest.length > 0) return null
  const given = Buffer.from(signature, 'base64url')
  const wanted = signatureOf(secret, `${header}.${body}`)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null
  return claims.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString())).data ?? null
}
