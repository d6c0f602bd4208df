import { X509Certificate, createPublicKey } from 'node:crypto'
import { Option } from 'commander'
import { AppError } from '../../contract/errors.ts'
import type { ContentsWork, EditContents, EditPlace } from '../../engine/contents/edit-contents.ts'
import { type FileSystem, notFound } from '../../engine/image/file-system.ts'
import { readWhole } from '../../engine/lib/file-streams.ts'
import type { CliContext } from '../context.ts'
import { changeTime } from './artifact-change.ts'
import { absolute } from './artifact-files.ts'

/** The flags of modify that change files inside a root file system, where the Mender client looks for them. */
export interface InsideFlags {
  serverUri?: string
  serverCert?: string
  verificationKey?: string
  tenantToken?: string
  metadataOnly?: boolean
}

export const INSIDE_FLAGS: readonly Option[] = [
  new Option('-u, --server-uri <uri>', 'ServerURL in /etc/mender/mender.conf'),
  new Option('-c, --server-cert <file>', 'certificate for /etc/mender/server.crt'),
  new Option('-v, --verification-key <file>', 'public key for /etc/mender/artifact-verify-key.pem'),
  new Option('-t, --tenant-token <token>', 'TenantToken in /etc/mender/mender.conf'),
  new Option('--metadata-only', 'with -n, leave /etc/mender/artifact_info inside the payload alone').conflicts([
    ...['serverUri', 'serverCert', 'verificationKey', 'tenantToken'],
  ]),
]

const FOLDER = '/etc/mender'
const CONF = `${FOLDER}/mender.conf`
const MAX_CONF_BYTES = 1 << 20

type Conf = Record<string, unknown>
/** Changes a file to a new content; null leaves it. */
type Rewrite = (old: string | null) => string | null

/** What the flags and a new name change inside; null when they change nothing there. `note` is told what a person should know. */
export async function insideWork(
  flags: InsideFlags,
  name: string | undefined,
  { note, context }: { note: (text: string) => void; context: CliContext },
): Promise<ContentsWork | null> {
  const { serverUri, tenantToken } = flags
  const cert = await pemOf(flags.serverCert, 'a certificate', (pem) => new X509Certificate(pem), context)
  const key = await pemOf(flags.verificationKey, 'a public key', (pem) => createPublicKey(pem), context)
  const settings = {
    ...(serverUri !== undefined && { ServerURL: serverUri }),
    ...(tenantToken !== undefined && { TenantToken: tenantToken }),
  }
  const hasSettings = Object.keys(settings).length > 0
  if (!hasSettings && cert === null && key === null && name === undefined) return null
  const modifiedAt = changeTime(context)
  return async (contents) => {
    const rewrite = (path: string, change: Rewrite) => rewriteAll(contents, { path, modifiedAt }, change)
    if (hasSettings) await rewrite(CONF, (old) => withSettings(old, settings, note))
    if (cert !== null) await rewrite(`${FOLDER}/server.crt`, () => cert)
    if (key !== null) await rewrite(`${FOLDER}/artifact-verify-key.pem`, () => key)
    await noteUnnamed(
      contents,
      { ServerCertificate: cert && `${FOLDER}/server.crt`, ArtifactVerifyKey: key && `${FOLDER}/artifact-verify-key.pem` },
      note,
    )
    if (name === undefined) return
    if (await hasFolder(contents)) await rewrite(`${FOLDER}/artifact_info`, (old) => withName(old, name))
    else note(`There is no ${FOLDER} inside: no artifact_info was written.`)
  }
}

async function pemOf(
  path: string | undefined,
  what: string,
  parse: (pem: Buffer) => unknown,
  { host, cwd }: CliContext,
): Promise<string | null> {
  if (path === undefined) return null
  const bytes = Buffer.from(await readWhole(host.files, absolute(cwd, path)))
  try {
    parse(bytes)
  } catch (thrown) {
    throw new AppError('BAD_INPUT', `${path} is not ${what} in PEM`, 'Give the file that the client is to use.', thrown)
  }
  return bytes.toString('utf8')
}

async function rewriteAll(
  contents: EditContents,
  { path: wanted, modifiedAt }: { path: string; modifiedAt: number },
  change: Rewrite,
): Promise<void> {
  for (const { fileSystem, path } of await contents.places(wanted)) {
    const old = await textOf(fileSystem, path)
    const now = change(old)
    if (now === null || now === old) continue
    const bytes = Buffer.from(now)
    await fileSystem.writeFile(path, { sizeBytes: bytes.length, content: single(bytes), modifiedAt })
  }
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield await Promise.resolve(bytes)
}

/** null where there is no such file. BAD_INPUT for a link, which would be replaced, and for what is too long. */
async function textOf(fileSystem: FileSystem, path: string): Promise<string | null> {
  const facts = await fileSystem.stat(path)
  if (!facts) return null
  if (facts.kind !== 'file' || facts.sizeBytes > MAX_CONF_BYTES) {
    const what = facts.kind === 'link' ? `a link to ${await fileSystem.linkTarget(path)}` : `a ${facts.kind} of ${facts.sizeBytes} bytes`
    throw new AppError('BAD_INPUT', `${path} is ${what}`, 'Change what it leads to with otabench artifact cp.')
  }
  return Buffer.concat(await Array.fromAsync(fileSystem.content(path), (piece) => Uint8Array.from(piece))).toString('utf8')
}

/** The client's configuration with some values set, laid out as it was. */
function withSettings(old: string | null, settings: Conf, note: (text: string) => void): string {
  if (old === null) throw notFound(CONF)
  const conf = confOf(old)
  if (conf === null) throw new AppError('BAD_INPUT', `${CONF} is not a JSON object`, 'Replace it with otabench artifact cp.')
  const { Servers: servers, ...rest } = conf
  const losesServers = servers !== undefined && 'ServerURL' in settings
  if (losesServers) note(`Servers is gone from ${CONF}: the client takes it or ServerURL, not both.`)
  const indent = /^\s*\{\s*\n([ \t]+)/.exec(old)?.[1]
  const text = JSON.stringify({ ...(losesServers ? rest : conf), ...settings }, null, indent)
  return old.endsWith('\n') ? `${text}\n` : text
}

function confOf(text: string): Conf | null {
  try {
    const conf: unknown = JSON.parse(text)
    return typeof conf === 'object' && conf !== null && !Array.isArray(conf) ? { ...conf } : null
  } catch {
    return null
  }
}

/** Says when the client's configuration does not name a file that was put there: then the client does not look at it. */
async function noteUnnamed(contents: EditContents, named: Record<string, string | null>, note: (text: string) => void): Promise<void> {
  const [place] = await contents.places(CONF)
  const conf = place && confOf((await textOf(place.fileSystem, place.path)) ?? '')
  for (const [key, path] of Object.entries(named))
    if (
      path !== null &&
      !Object.values(conf ?? {})
        .flat()
        .includes(path)
    )
      note(`${CONF} does not name ${path} as ${key}: the client will not use it.`)
}

async function hasFolder(contents: EditContents): Promise<boolean> {
  const kinds = await Promise.all(
    (await contents.places(FOLDER)).map(async ({ fileSystem, path }: EditPlace) => (await fileSystem.stat(path))?.kind),
  )
  return kinds.every((kind) => kind === 'folder')
}

/** artifact_info with another name; whatever else is in it stays. */
function withName(old: string | null, name: string): string {
  const line = `artifact_name=${name}`
  if (old === null) return `${line}\n`
  return /^artifact_name=.*$/m.test(old) ? old.replace(/^artifact_name=.*$/m, () => line) : `${line}\n${old}`
}
