import { X509Certificate, createPrivateKey } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { readWhole } from '../lib/file-streams.ts'
import type { ServerTls } from './server.ts'
import type { Tls } from './tls.ts'

/** Which certificate the https listener shows, and whom it lets in. Paths are absolute, files PEM. */
export interface CertificateChoice {
  /** A certificate (with its chain) of another authority, instead of one of the bench's own. */
  given?: { certFile: string; keyFile: string } | undefined
  /** Only clients with a certificate of this authority may connect. */
  clientCaFile?: string | undefined
}

export interface Certificate extends Tls {
  listener: ServerTls
}

interface Place {
  host: Host
  /** Where the bench keeps its own. */
  folder: string
  choice: CertificateChoice
  /** Makes one of the bench's own anew. */
  isRenewal?: boolean
}

/** Looks at the files and answers what to show now. BAD_INPUT names the file that will not do, and says why. */
export async function openCertificate({ host, folder, choice, isRenewal = false }: Place): Promise<Certificate> {
  const { given, clientCaFile } = choice
  const tls = given ? await readGiven(host, given) : await ownTls({ host, folder, isRenewal })
  const ca = clientCaFile === undefined ? undefined : await readPem(host, clientCaFile)
  return { ...tls, listener: { key: tls.key, cert: tls.cert, ca } }
}

/** What makes certificates is loaded when one is wanted. */
async function ownTls(place: { host: Host; folder: string; isRenewal: boolean }): Promise<Tls> {
  const { openTls } = await import('./tls.ts')
  return openTls(place)
}

async function readGiven(host: Host, { certFile, keyFile }: { certFile: string; keyFile: string }): Promise<Tls> {
  const cert = await readPem(host, certFile)
  const key = await readPrivate(host, keyFile)
  const read = new X509Certificate(cert)
  if (!read.checkPrivateKey(createPrivateKey(key)))
    throw new AppError(
      'BAD_INPUT',
      `${keyFile} is not the key of the certificate in ${certFile}`,
      'Name the two files that belong together.',
    )
  const expiresAt = Date.parse(read.validTo)
  if (expiresAt <= host.clock.now())
    throw new AppError(
      'BAD_INPUT',
      `The certificate in ${certFile} ended on ${read.validTo}`,
      'Renew it, or leave it out to use one of the bench.',
    )
  return { caPem: null, caFile: null, key, cert, expiresAt }
}

/** A PEM file that begins with a certificate. */
async function readPem(host: Host, path: string): Promise<string> {
  const text = await readText(host, path)
  try {
    void new X509Certificate(text)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `${path} holds no certificate`, 'Name a PEM file: -----BEGIN CERTIFICATE-----.', thrown)
  }
  return text
}

async function readPrivate(host: Host, path: string): Promise<string> {
  const text = await readText(host, path)
  try {
    void createPrivateKey(text)
  } catch (thrown) {
    throw new AppError(
      'BAD_INPUT',
      `${path} holds no private key without a passphrase`,
      'Name a PEM file: -----BEGIN PRIVATE KEY-----.',
      thrown,
    )
  }
  return text
}

async function readText(host: Host, path: string): Promise<string> {
  return new TextDecoder().decode(await readWhole(host.files, path))
}
