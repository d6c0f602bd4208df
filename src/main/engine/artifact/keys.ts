import { type KeyObject, createHash, createPrivateKey, createPublicKey, generateKeyPair as generate } from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '../../contract/errors.ts'

const generateAsync = promisify(generate)

export type KeyAlgorithm = 'rsa-3072' | 'rsa-4096' | 'p256'

/** A fresh signing key as PEM: PKCS#8 and SubjectPublicKeyInfo. */
export async function generateKeyPair(algorithm: KeyAlgorithm): Promise<{ privateKeyPem: string; publicKeyPem: string }> {
  const { privateKey, publicKey } =
    algorithm === 'p256'
      ? await generateAsync('ec', { namedCurve: 'P-256' })
      : await generateAsync('rsa', { modulusLength: algorithm === 'rsa-3072' ? 3072 : 4096 })
  return { privateKeyPem: pemOf(privateKey, 'pkcs8'), publicKeyPem: pemOf(publicKey, 'spki') }
}

function pemOf(key: KeyObject, type: 'pkcs8' | 'spki'): string {
  return key.export({ type, format: 'pem' }).toString()
}

const KEY_HINT = 'Artifacts are signed with RSA or ECDSA P-256 keys, as PEM files.'

const PRIVATE_BLOCK = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[^]+?-----END \1-----/

/** Whether the private key in a PEM text wants a passphrase: PKCS#8 "ENCRYPTED PRIVATE KEY", or the older "Proc-Type: 4,ENCRYPTED". */
export function isEncrypted(pem: string): boolean {
  return PRIVATE_BLOCK.exec(pem)?.[0].includes('ENCRYPTED') ?? false
}

/**
 * The private key in a PEM text: PKCS#1, SEC1 (also behind "EC PARAMETERS") or PKCS#8, plain or encrypted. KEY_MISSING when there is none
 * of a usable kind, or the passphrase is missing or wrong.
 */
export function parsePrivateKey(pem: string, passphrase?: string): KeyObject {
  const block = PRIVATE_BLOCK.exec(pem)?.[0]
  if (block === undefined) throw new AppError('KEY_MISSING', 'This is not a private key in PEM form', KEY_HINT)
  return usable(isEncrypted(block) ? decrypted(block, passphrase) : parsed(() => createPrivateKey(block)))
}

function decrypted(pem: string, passphrase: string | undefined): KeyObject {
  if (passphrase === undefined) {
    const hint = 'Give its passphrase on the terminal, or with --passphrase-file FILE or --passphrase-fd N.'
    throw new AppError('KEY_MISSING', 'The private key is encrypted and no passphrase is there', hint)
  }
  try {
    return createPrivateKey({ key: pem, passphrase })
  } catch (thrown) {
    const hint =
      'Check the passphrase. A key with an outdated cipher (DES, RC2) must be encrypted anew: openssl pkcs8 -topk8 -in KEY -out NEW'
    throw new AppError('KEY_MISSING', 'The passphrase does not open the private key', hint, thrown)
  }
}

/** The public key in a PEM text (SubjectPublicKeyInfo or PKCS#1). */
export function parsePublicKey(pem: string): KeyObject {
  if (pem.includes('PRIVATE KEY'))
    throw new AppError('KEY_MISSING', 'This is a private key where a public one is wanted', 'Name the file with the public key.')
  return usable(parsed(() => createPublicKey(pem)))
}

function usable(key: KeyObject): KeyObject {
  const isGood =
    key.asymmetricKeyType === 'rsa' || (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
  if (!isGood) throw new AppError('KEY_MISSING', `A key of the kind ${nameOf(key)} cannot sign artifacts`, KEY_HINT)
  return key
}

function parsed(parse: () => KeyObject): KeyObject {
  try {
    return parse()
  } catch (thrown) {
    throw new AppError('KEY_MISSING', 'The key cannot be read', KEY_HINT, thrown)
  }
}

function nameOf(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return `rsa-${modulusLength}`
  return namedCurve === 'prime256v1' ? 'p256' : (namedCurve ?? key.asymmetricKeyType ?? 'unknown')
}

export interface DescribedKey {
  /** `rsa-3072`, `p256`… */
  algorithm: string
  /** SHA-256 of the SubjectPublicKeyInfo (DER), lower hex. */
  fingerprint: string
  /** Re-serialised: one key, one text. */
  publicKeyPem: string
}

/** Public facts of a public key that can verify artifacts. */
export function describePublicKey(pem: string): DescribedKey {
  const key = parsePublicKey(pem)
  const fingerprint = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  return { algorithm: nameOf(key), fingerprint, publicKeyPem: pemOf(key, 'spki') }
}

/** A private key as plain PKCS#8 PEM, whatever form it came in. KEY_MISSING as parsePrivateKey. */
export function openedPem(pem: string, passphrase?: string): string {
  return pemOf(parsePrivateKey(pem, passphrase), 'pkcs8')
}

/** The public half of a private key, as PEM. */
export function publicOf(privatePem: string): string {
  return pemOf(createPublicKey(parsePrivateKey(privatePem)), 'spki')
}
