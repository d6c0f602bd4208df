import { X509Certificate, createPrivateKey } from 'node:crypto'
import { resolve } from 'node:path'
import { AppError } from '../../contract/errors.ts'
import type { Seed } from '../../contract/seed.ts'
import type { Files } from '../host.ts'
import type { EditableFileSystem } from '../image/file-system.ts'
import { readChunks, readWhole } from '../lib/file-streams.ts'

/** A file to be put into a partition. */
export interface SeedFile {
  /** As the running device names it. */
  to: string
  mode: number
  uid: number
  gid: number
  sizeBytes: number
  content(): AsyncIterable<Uint8Array>
}

export interface SeedContext {
  files: Files
  /** Where relative paths start. */
  folder: string
  /** RootfsPartA and B, where the seed names no storage; null: they are not written then. */
  slots: readonly [string, string] | null
  /** What mender.conf says already, which stays but for what the seed says. */
  existing?: string
  /** Writes mender.conf, with these slots, also where the seed says nothing of it. */
  isConfigured?: boolean
}

const MENDER = '/data/mender'
const CA_PATH = `${MENDER}/server.crt`

/** The files that a seed means. NOT_FOUND for one that is not there; BAD_INPUT for one that is not what it should be, before anything is written. */
export async function seedFiles(seed: Seed, context: SeedContext): Promise<SeedFile[]> {
  const { files, folder } = context
  const found: SeedFile[] = []
  if (seed.deviceType !== undefined) found.push(text(`${MENDER}/device_type`, `device_type=${seed.deviceType}\n`, 0o444))
  if (seed.artifactName !== undefined) found.push(text('/etc/mender/artifact_info', `artifact_name=${seed.artifactName}\n`, 0o644))
  if (seed.ca !== undefined) found.push(bytes(CA_PATH, await certificates(context, seed.ca), 0o644))
  const configuration = await configurationOf(seed, context)
  if (configuration !== null) found.push(text(`${MENDER}/mender.conf`, configuration, 0o600))
  if (seed.deviceKey !== undefined) found.push(bytes(`${MENDER}/mender-agent.pem`, await privateKey(context, seed.deviceKey), 0o600))
  for (const { to, from, text: content = '', mode, uid, gid } of seed.files) {
    const facts = { to, uid, gid, mode: Number.parseInt(mode, 8) }
    found.push(from === undefined ? { ...text(to, content, 0), ...facts } : { ...(await fromDisk(files, resolve(folder, from))), ...facts })
  }
  return found
}

function bytes(to: string, content: Uint8Array, mode: number): SeedFile {
  async function* once(): AsyncGenerator<Uint8Array, void, void> {
    yield content
  }
  return { to, mode, uid: 0, gid: 0, sizeBytes: content.length, content: once }
}

function text(to: string, content: string, mode: number): SeedFile {
  return bytes(to, Buffer.from(content), mode)
}

async function fromDisk(files: Files, path: string): Promise<Pick<SeedFile, 'sizeBytes' | 'content'>> {
  const stat = await files.stat(path)
  if (!stat) throw new AppError('NOT_FOUND', `There is no file ${path}`, 'Check the path in the seed.')
  if (stat.kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${stat.kind}`, 'Name a file.')
  async function* content(): AsyncGenerator<Uint8Array, void, void> {
    await using file = await files.open(path, 'read')
    yield* readChunks(file)
  }
  return { sizeBytes: stat.sizeBytes, content }
}

/** Small files only: keys, certificates, configurations. */
const MAX_SMALL_BYTES = 1 << 20

async function small({ files, folder }: SeedContext, name: string): Promise<Uint8Array> {
  const path = resolve(folder, name)
  const { sizeBytes } = await fromDisk(files, path)
  if (sizeBytes > MAX_SMALL_BYTES) throw new AppError('BAD_INPUT', `${path} has ${sizeBytes} bytes`, 'Name the right file.')
  return readWhole(files, path)
}

async function certificates(context: SeedContext, name: string): Promise<Uint8Array> {
  const pem = await small(context, name)
  if (isCertificate(pem)) return pem
  throw new AppError('BAD_INPUT', `${name} holds no certificate`, 'Name a PEM file with BEGIN CERTIFICATE.')
}

function isCertificate(pem: Uint8Array): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0
  } catch {
    return false
  }
}

async function privateKey(context: SeedContext, name: string): Promise<Uint8Array> {
  const pem = await small(context, name)
  try {
    createPrivateKey({ key: Buffer.from(pem), format: 'pem' })
    return pem
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `${name} holds no private key that a device can read`, 'Name an unencrypted PEM file.', thrown)
  }
}

/** The text of mender.conf; null where the seed says nothing of it. */
async function configurationOf(seed: Seed, context: SeedContext): Promise<string | null> {
  const { menderConf, settings, ca, serverUrl, storage } = seed
  const isSaid = [menderConf, settings, ca, serverUrl, storage].some((each) => each !== undefined)
  if (!isSaid && !context.isConfigured) return null
  const given = menderConf === undefined ? {} : jsonObject(await small(context, menderConf), menderConf)
  const parts = (slots: readonly [string, string] | null) => (slots ? { RootfsPartA: slots[0], RootfsPartB: slots[1] } : {})
  const all = {
    ...parts(context.slots),
    ...(context.existing ? jsonObject(Buffer.from(context.existing), "The card's mender.conf") : {}),
    ...(ca === undefined ? {} : { ServerCertificate: CA_PATH }),
    ...given,
    ...settings,
    ...(serverUrl === undefined ? {} : { ServerURL: serverUrl }),
    ...parts(context.isConfigured ? context.slots : null),
    ...parts(storage === undefined ? null : [`${storage}2`, `${storage}3`]),
  }
  return `${JSON.stringify(all, null, 2)}\n`
}

function jsonObject(content: Uint8Array, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(content).toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.fromEntries(Object.entries(value))
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `${name} is no JSON: ${thrown instanceof Error ? thrown.message : ''}`, 'Correct it.', thrown)
  }
  throw new AppError('BAD_INPUT', `${name} is not a JSON object`, 'Correct it.')
}

/** Folders that only root may look into. */
const PRIVATE_FOLDERS: readonly string[] = ['/mender']

/** Puts one file into the partition in which it is `path`, making the folders above it. */
export async function putSeedFile(target: EditableFileSystem, path: string, file: SeedFile, modifiedAt: number): Promise<void> {
  const parts = path.split('/').filter((part) => part !== '')
  for (let count = 1; count < parts.length; count++) {
    const above = `/${parts.slice(0, count).join('/')}`
    const isPrivate = target.kind === 'ext' && file.to.startsWith('/data/') && PRIVATE_FOLDERS.includes(above)
    if (!(await target.stat(above))) await target.makeFolder(above, { modifiedAt, mode: isPrivate ? 0o700 : 0o755 })
  }
  const { mode, uid, gid, sizeBytes, content } = file
  const owned = target.kind === 'ext' ? { mode, uid, gid } : {}
  await target.writeFile(path, { ...owned, sizeBytes, content: content(), modifiedAt })
}
