import { X509Certificate, createPrivateKey } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { HOST_OF_BOARDS } from '../lib/qemu-network.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import type { MadeCertificate } from './tls-make.ts'

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

interface Name {
  type: 'ip' | 'dns'
  value: string
}

const DAY_MS = 86_400_000
const RENEW_BEFORE_MS = 90 * DAY_MS

/** What makes certificates is loaded when one has to be made: a server that has its own does without a hundred files. */
const making = () => import('./tls-make.ts')

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
  return { caPem: issuer.cert, caFile, key, cert, expiresAt: Date.parse(new X509Certificate(cert).validTo) }
}

/** Every address and name under which a device or a browser may reach this machine. */
function localNames(host: Host): Name[] {
  const addresses = host.network.addresses().map(({ address }) => address.replace(/%.*$/, ''))
  const hostName = host.network.hostName().toLowerCase()
  const own = /^[a-z0-9.-]{1,63}$/.test(hostName) ? [hostName, ...(hostName.includes('.') ? [] : [`${hostName}.local`])] : []
  return [
    ...[...new Set(['127.0.0.1', '::1', HOST_OF_BOARDS, ...addresses])].map((value) => ({ type: 'ip' as const, value })),
    ...[...new Set(['localhost', ...own])].map((value) => ({ type: 'dns' as const, value })),
  ]
}

async function readIssuer(host: Host, folder: string): Promise<MadeCertificate | null> {
  const pem = await readText(host, `${folder}/ca.pem`)
  const keyPem = await readText(host, `${folder}/ca.key`)
  if (pem === null && keyPem === null) return null
  if (pem === null || keyPem === null || !new X509Certificate(pem).checkPrivateKey(createPrivateKey(keyPem)))
    throw new AppError(
      'BAD_INPUT',
      `The certificate authority in ${folder} is not whole: ca.pem and ca.key must be there and belong together`,
      'Put both files back from a backup; or remove the folder, and give the new ca.pem to every device.',
    )
  return { cert: pem, key: keyPem }
}

async function makeIssuer(host: Host, folder: string): Promise<MadeCertificate> {
  const made = await (await making()).makeAuthority(host.clock.now())
  await writeText(host, `${folder}/ca.key`, { text: made.key, mode: 0o600 })
  await writeText(host, `${folder}/ca.pem`, { text: made.cert, mode: 0o644 })
  return made
}

async function readServer(host: Host, folder: string): Promise<MadeCertificate | null> {
  const cert = await readText(host, `${folder}/server.pem`)
  const key = await readText(host, `${folder}/server.key`)
  return cert === null || key === null ? null : { key, cert }
}

function isUsable(
  { key, cert }: MadeCertificate,
  { issuer, names, now }: { issuer: MadeCertificate; names: Name[]; now: number },
): boolean {
  const read = new X509Certificate(cert)
  return (
    read.checkPrivateKey(createPrivateKey(key)) &&
    read.verify(new X509Certificate(issuer.cert).publicKey) &&
    Date.parse(read.validTo) - now > RENEW_BEFORE_MS &&
    names.every(({ type, value }) => (type === 'ip' ? read.checkIP(value) : read.checkHost(value)) !== undefined)
  )
}

async function makeServer(
  host: Host,
  { folder, issuer, names }: { folder: string; issuer: MadeCertificate; names: Name[] },
): Promise<MadeCertificate> {
  const made = await (await making()).makeServerCertificate(issuer, { names, now: host.clock.now() })
  await writeText(host, `${folder}/server.key`, { text: made.key, mode: 0o600 })
  await writeText(host, `${folder}/server.pem`, { text: made.cert, mode: 0o644 })
  return made
}

async function readText(host: Host, path: string): Promise<string | null> {
  if (!(await host.files.stat(path))) return null
  return new TextDecoder().decode(await readWhole(host.files, path))
}

function writeText(host: Host, path: string, { text, mode }: { text: string; mode: number }): Promise<void> {
  return writeAtomic(host.files, path, new TextEncoder().encode(text), mode)
}
