// The certificate library registers its parts through this shim, which therefore has to be loaded first.
import 'reflect-metadata'
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** A certificate with its private key, both PEM text. */
export interface MadeCertificate {
  cert: string
  key: string
}

const DAY_MS = 86_400_000
const AUTHORITY_MS = 20 * 365 * DAY_MS
const SERVER_MS = 2 * 365 * DAY_MS
/** A board without a battery-backed clock boots in 1970: both certificates are valid from then on. */
const NOT_BEFORE = new Date(0)
/** P-256: Ed25519 certificates are refused by some TLS stacks. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** A new authority of this bench, made at `now`. */
export async function makeAuthority(now: number): Promise<MadeCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // The time tells two authorities of one machine apart: a device that holds both picks by name.
    name: [{ CN: [`OTA Bench CA ${new Date(now).toISOString()}`] }],
    notBefore: NOT_BEFORE,
    notAfter: new Date(now + AUTHORITY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) }
}

/** A certificate of the authority for these names and addresses, made at `now`. */
export async function makeServerCertificate(
  authority: MadeCertificate,
  { names, now }: { names: JsonGeneralName[]; now: number },
): Promise<MadeCertificate> {
  const issuer = new X509Certificate(authority.cert)
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: ['OTA Bench server'] }],
    issuer: issuer.subjectName,
    notBefore: NOT_BEFORE,
    notAfter: new Date(now + SERVER_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) }
}

/** 127 random bits: a serial number has to be positive and unique for its issuer (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return bytes.toString('hex')
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const pkcs8 = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign'])
}

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}
