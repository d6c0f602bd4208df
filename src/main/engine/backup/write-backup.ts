import { createHash, randomUUID } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { encodeTarHeader, memoryEntry } from '../artifact/tar-header.ts'
import { TAR_END, paddingFor, tarEntry } from '../artifact/tar-write.ts'
import type { Files, HostFile } from '../host.ts'
import { readAhead, replaceFile } from '../lib/file-streams.ts'
import { type Snapshot, snapshotFile } from '../store/snapshot.ts'
import { CLOSING, type Closing, DATABASE, FOLDERS, LEDGER } from './format.ts'

export interface BackupRequest {
  files: Files
  dataFolder: string
  /** The file to write; replaced in one step. It holds private keys, so only its owner may read it. */
  target: string
  now: number
  /** Copies the database as it is at one moment to a new file. */
  copyDatabase: (to: string) => Promise<Snapshot>
  signal: AbortSignal
  onProgress?: (doneBytes: number, totalBytes: number) => void
}

export interface WrittenBackup {
  sizeBytes: number
  artifactCount: number
  schemaVersion: number
}

interface Member {
  name: string
  path: string
  /** Of a file that grows: how far it had come at the moment that is backed up. */
  sizeBytes?: number
}

/** How often an artifact may be removed from the library under our hands before we give up. */
const ATTEMPTS = 5

/**
 * Writes a tar of everything that makes this bench the one it is: the database at one moment, the artifacts and recordings it lists, the
 * numbers that provisioning has given, signing keys and certificates. An engine may be running on the folder meanwhile. NOT_FOUND when there is no bench in the folder.
 */
export async function writeBackup(request: BackupRequest): Promise<WrittenBackup> {
  const { files, dataFolder, target } = request
  if (!(await files.stat(`${dataFolder}/${DATABASE}`)))
    throw new AppError('NOT_FOUND', `There is no bench in ${dataFolder}`, 'Name the data folder with --data DIR.')
  const copy = `${target}.${randomUUID()}.db`
  const ledger = (await files.stat(`${dataFolder}/${LEDGER}`)) ? [{ name: LEDGER, path: `${copy}.ledger` }] : []
  try {
    for (let attempt = 1; ; attempt += 1) {
      const snapshot = await request.copyDatabase(copy)
      for (const { name, path } of ledger) snapshotFile(`${dataFolder}/${name}`, path)
      try {
        return await writeMembers(request, [{ name: DATABASE, path: copy }, ...ledger], snapshot)
      } catch (thrown) {
        if (!isRemoved(thrown) || attempt === ATTEMPTS) throw thrown
        await removeAll(files, [copy, ...ledger.map(({ path }) => path)])
      }
    }
  } finally {
    await removeAll(files, [copy, ...ledger.map(({ path }) => path)])
  }
}

async function removeAll(files: Files, paths: readonly string[]): Promise<void> {
  await Promise.all(paths.map((path) => files.remove(path)))
}

/** An artifact of the snapshot that has left the library since. */
function isRemoved(thrown: unknown): boolean {
  return thrown instanceof AppError && thrown.code === 'NOT_FOUND'
}

async function writeMembers(
  request: BackupRequest,
  databases: readonly Member[],
  { artifactIds, recordings, schemaVersion }: Snapshot,
): Promise<WrittenBackup> {
  const { files, dataFolder, target, now } = request
  const members: Member[] = [
    ...databases,
    ...artifactIds.map((id) => `artifacts/${id}.mender`).map((name) => ({ name, path: `${dataFolder}/${name}` })),
    ...(await recordingsOf(files, dataFolder, recordings)),
    ...(await Promise.all(FOLDERS.map((folder) => membersOf(files, dataFolder, folder)))).flat(),
  ]
  const totalBytes = await totalOf(files, members)
  return replaceFile(files, target, async (file) => {
    await files.setMode(file.path, 0o600)
    const out = new Output(file)
    const sums: Closing['files'] = {}
    for (const member of members) {
      sums[member.name] = await copyMember(member, out, request, totalBytes)
    }
    const said: Closing = { format: 'ota-bench-backup', version: 1, schemaVersion, createdAt: now, files: sums }
    await out.write(tarEntry(memoryEntry(CLOSING, 0), new TextEncoder().encode(`${JSON.stringify(said, null, 2)}\n`)))
    await out.write(TAR_END)
    return { sizeBytes: out.sizeBytes, artifactCount: artifactIds.length, schemaVersion }
  })
}

/** Those whose files are there: the oldest ones go while others are recorded, and a disk may have been full. */
async function recordingsOf(files: Files, dataFolder: string, recordings: Snapshot['recordings']): Promise<Member[]> {
  const members = recordings.map(({ id, sizeBytes }) => ({
    name: `recordings/${id}.cast`,
    path: `${dataFolder}/recordings/${id}.cast`,
    sizeBytes,
  }))
  const stats = await Promise.all(members.map(({ path }) => files.stat(path)))
  return members.filter(({ sizeBytes }, at) => (stats[at]?.sizeBytes ?? 0) >= sizeBytes)
}

async function membersOf(files: Files, dataFolder: string, folder: string): Promise<Member[]> {
  if (!(await files.stat(`${dataFolder}/${folder}`))) return []
  const names = (await files.list(`${dataFolder}/${folder}`)).filter((name) => !name.endsWith('.new'))
  return names.map((name) => ({ name: `${folder}/${name}`, path: `${dataFolder}/${folder}/${name}` }))
}

async function totalOf(files: Files, members: readonly Member[]): Promise<number> {
  const sizes = await Promise.all(members.map(async ({ path, sizeBytes }) => sizeBytes ?? (await files.stat(path))?.sizeBytes ?? 0))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** The end of a file that grows. */
class Output {
  readonly #file: HostFile
  sizeBytes = 0

  constructor(file: HostFile) {
    this.#file = file
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes, this.sizeBytes)
    this.sizeBytes += bytes.length
  }
}

/** Appends one file; answers its SHA-256. */
async function copyMember(
  { name, path, sizeBytes: wantedBytes }: Member,
  out: Output,
  { files, signal, onProgress }: BackupRequest,
  totalBytes: number,
): Promise<string> {
  await using source = await files.open(path, 'read')
  const sizeBytes = wantedBytes ?? (await source.sizeBytes())
  const mode = name.endsWith('.mender') ? 0o644 : 0o600
  await out.write(encodeTarHeader(memoryEntry(name, sizeBytes, mode)))
  const hash = createHash('sha256')
  let copied = 0
  for await (const chunk of readAhead(source, 0, wantedBytes)) {
    signal.throwIfAborted()
    hash.update(chunk)
    copied += chunk.length
    await out.write(chunk)
    onProgress?.(out.sizeBytes, totalBytes)
  }
  if (copied !== sizeBytes) throw new AppError('CONFLICT', `${path} changed while it was read`, 'Try again.')
  await out.write(paddingFor(sizeBytes))
  return hash.digest('hex')
}
