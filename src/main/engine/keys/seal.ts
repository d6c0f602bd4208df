import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'

/** A key of the system's keychain, and what the keychain is called. */
export interface Keychain {
  name: string
  /** 32 bytes. */
  wrappingKey: Uint8Array
}

const BEGIN = '-----BEGIN OTA BENCH SEALED KEY-----'
const END = '-----END OTA BENCH SEALED KEY-----'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Whether the text of a key file is a sealed one. */
export function isSealed(text: string): boolean {
  return text.startsWith(BEGIN)
}

/** The text as AES-256-GCM seals it: base64 of nonce, tag and ciphertext. `of` is the key's id: a sealed text is good for that key alone. */
export function seal(text: string, { wrappingKey }: Keychain, of: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(Buffer.from(of))
  const content = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  const body = Buffer.concat([nonce, cipher.getAuthTag(), content]).toString('base64')
  return [BEGIN, ...(body.match(/.{1,64}/g) ?? []), END, ''].join('\n')
}

/** The text that was sealed. KEY_MISSING when it was sealed with another keychain, for another key, or was changed. */
export function unseal(sealed: string, { wrappingKey, name }: Keychain, of: string): string {
  const body = Buffer.from(sealed.replaceAll(/-----[^-]*-----|\s/g, ''), 'base64')
  try {
    const nonce = body.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv('aes-256-gcm', wrappingKey, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(of))
    decipher.setAuthTag(body.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([decipher.update(body.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
  } catch (thrown) {
    const hint = 'It was sealed on another machine or by another user: import the private key again from its PEM file.'
    throw new AppError('KEY_MISSING', `The keychain ${name} does not open this private key`, hint, thrown)
  }
}
