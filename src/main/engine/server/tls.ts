// The certificate library registers its parts through this shim, which therefore has to be loaded first.
import 'reflect-metadata'
import { X509Certificate, createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
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
  X509CertificateGenerator,
  X509Certificate as PeculiarCertificate,
} from '@peculiar/x509'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'

/** What an https listener needs, and what devices must be given (`caPem`, also on disk as `caFile`). All PEM text. */
export interface Tls {
  /** null when the certificate is not of the bench's own authority. */
  caPem: string | null
  caFile: string | null
  key: string
  cert: string
  /** When the server's certificate ends; the bench renews its own 90 days before. */
  expiresAt: number
}

/** The same, of the bench's own authority. */
export type OwnTls = Tls & { caPem: string; caFile: string }

interface Issuer {
  certificate: PeculiarCertificate
  key: webcrypto.CryptoKey
  pem: string
}

const DAY_MS = 86_400_000
const AUTHORITY_MS = 20 * 365 * DAY_MS
const SERVER_MS = 2 * 365 * DAY_MS
const RENEW_BEFORE_MS = 90 * DAY_MS
/** A board without a battery-backed clock boots in 1970: both certificates are valid from then on. */
const NOT_BEFORE = new Date(0)
/** P-256: Ed25519 certificates are refused by some TLS stacks. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/**
 * The server's own certificate authority and a server certificate for every address and name of this machine, kept in `folder`
 * (ca.pem, ca.key, server.pem, server.key; keys with mode 0600). Made at the first start; the server certificate is made anew when
 * an address is missing in it, or when it ends soon: call it again, and it is looked after. The authority stays, because devices hold a copy of it.
 *
 * @throws AppError BAD_INPUT when the authority on disk is not whole: a new one would silently cut off every device.
 */
export async function openTls({
  host,
  folder,
  isRenewal = false,
}: {
  host: Host
  folder: string
  /** Makes the server certificate anew although the kept one would do. */
  isRenewal?: boolean
}): Promise<OwnTls> {
  await host.files.makeFolder(folder)
  await host.files.setMode(folder, 0o700)
  const caFile = `${folder}/ca.pem`
  const issuer = (await readIssuer(host, folder)) ?? (await makeIssuer(host, folder))
  const names = localNames(host)
  const kept = await readServer(host, folder)
  const isKept = !isRenewal && kept !== null && isUsable(kept, { issuer, names, now: host.clock.now() })
  const { key, cert } = isKept ? kept : await makeServer(host, { folder, issuer, names })
  return { caPem: issuer.pem, caFile, key, cert, expiresAt: Date.parse(new X509Certificate(cert).validTo) }
}

/** Every address and name under which a device or a browser may reach this machine. */
function localNames(host: Host): JsonGeneralName[] {
  const addresses = host.network.addresses().map(({ address }) => address.replace(/%.*$/, ''))
  const hostName = host.network.hostName().toLowerCase()
  const own = /^[a-z0-9.-]{1,63}$/.test(hostName) ? [hostName, ...(hostName.includes('.') ? [] : [`${hostName}.local`])] : []
  return [
    ...[...new Set(['127.0.0.1', '::1', ...addresses])].map((value) => ({ type: 'ip' as const, value })),
    ...[...new Set(['localhost', ...own])].map((value) => ({ type: 'dns' as const, value })),
  ]
}

async function readIssuer(host: Host, folder: string): Promise<Issuer | null> {
  const pem = await readText(host, `${folder}/ca.pem`)
  const keyPem = await readText(host, `${folder}/ca.key`)
  if (pem === null && keyPem === null) return null
  if (pem === null || keyPem === null || !new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem)))
    throw new AppError(
      'BAD_INPUT',
      `The certificate authority in ${folder} is not whole: ca.pem and ca.key must be there and belong together`,
      'Put both files back from a backup; or remove the folder, and give the new ca.pem to every device.',
    )
  return { pem, certificate: new PeculiarCertificate(pem), key: await importKey(keyPem) }
}

async function makeIssuer(host: Host, folder: string): Promise<Issuer> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    // The time tells two authorities of one machine apart: a device that holds both picks by name.
    name: [{ CN: [`OTA Bench CA ${new Date(host.clock.now()).toISOString()}`] }],
    notBefore: NOT_BEFORE,
    notAfter: new Date(host.clock.now() + AUTHORITY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const pem = `${certificate.toString('pem')}\n`
  await writeText(host, `${folder}/ca.key`, { text: await keyPem(keys.privateKey), mode: 0o600 })
  await writeText(host, `${folder}/ca.pem`, { text: pem, mode: 0o644 })
  return { certificate, key: keys.privateKey, pem }
}

async function readServer(host: Host, folder: string): Promise<{ key: string; cert: string } | null> {
  const cert = await readText(host, `${folder}/server.pem`)
  const key = await readText(host, `${folder}/server.key`)
  return cert === null || key === null ? null : { key, cert }
}

function isUsable(
  { key, cert }: { key: string; cert: string },
  { issuer, names, now }: { issuer: Issuer; names: JsonGeneralName[]; now: number },
): boolean {
  const read = new X509Certificate(cert)
  return (
    read.checkPrivateKey(createPrivateKey(key)) &&
    read.verify(new X509Certificate(issuer.pem).publicKey) &&
    Date.parse(read.validTo) - now > RENEW_BEFORE_MS &&
    names.every(({ type, value }) => (type === 'ip' ? read.checkIP(value) : read.checkHost(value)) !== undefined)
  )
}

async function makeServer(
  host: Host,
  { folder, issuer, names }: { folder: string; issuer: Issuer; names: JsonGeneralName[] },
): Promise<{ key: string; cert: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: [{ CN: ['OTA Bench server'] }],
    issuer: issuer.certificate.subjectName,
    notBefore: NOT_BEFORE,
    notAfter: new Date(host.clock.now() + SERVER_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuer.key,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.certificate.publicKey),
    ],
  })
  const made = { key: await keyPem(keys.privateKey), cert: `${certificate.toString('pem')}\n` }
  await writeText(host, `${folder}/server.key`, { text: made.key, mode: 0o600 })
  await writeText(host, `${folder}/server.pem`, { text: made.cert, mode: 0o644 })
  return made
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

async function readText(host: Host, path: string): Promise<string | null> {
  if (!(await host.files.stat(path))) return null
  return new TextDecoder().decode(await readWhole(host.files, path))
}

function writeText(host: Host, path: string, { text, mode }: { text: string; mode: number }): Promise<void> {
  return writeAtomic(host.files, path, new TextEncoder().encode(text), mode)
}
