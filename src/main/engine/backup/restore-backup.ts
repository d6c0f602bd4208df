import { createHash, randomUUID } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { ByteReader } from '../artifact/byte-reader.ts'
import { TarReader } from '../artifact/tar-read.ts'
import type { Files } from '../host.ts'
import { readAhead } from '../lib/file-streams.ts'
import { holdFolder } from '../store/lock.ts'
import { readSnapshot } from '../store/snapshot.ts'
import { CLOSING, type Closing, DATABASE, closing, isMember } from './format.ts'

export interface RestoreRequest {
  files: Files
  /** The backup. */
  source: string
  dataFolder: string
  /** Whether a bench that is in the folder may be moved aside. */
  isReplaceAllowed: boolean
  signal: AbortSignal
  onProgress?: (doneBytes: number, totalBytes: number) => void
}

export interface Restored {
  createdAt: number
  artifactCount: number
  /** Where the bench that was in the folder now is; null when there was none. */
  movedTo: string | null
}

const PAX_LIMIT_BYTES = 64 * 1024
const CLOSING_LIMIT_BYTES = 64 * 2 ** 20

/**
 * Puts a backup into a data folder: unpacked beside it, checked whole, and moved into place in one step.
 * ARTIFACT_INVALID when the file is damaged or none; CONFLICT when a newer build has written it, when the folder is in use, or when it
 * holds a bench and that may not be replaced.
 */
export async function restoreBackup(request: RestoreRequest): Promise<Restored> {
  const { files, dataFolder } = request
  const isTaken = (await files.stat(dataFolder)) !== null && (await files.list(dataFolder)).length > 0
  if (isTaken && !request.isReplaceAllowed) {
    const hint = 'Choose another folder with --data DIR, or add --replace to move this one aside.'
    throw new AppError('CONFLICT', `${dataFolder} is not empty`, hint)
  }
  const fresh = `${dataFolder}.${randomUUID()}.new`
  try {
    const said = await unpack(request, fresh)
    const { artifactIds } = readSnapshot(`${fresh}/${DATABASE}`)
    const missing = artifactIds.find((id) => said.files[`artifacts/${id}.mender`] === undefined)
    if (missing !== undefined) throw damaged(`the artifact ${missing} is listed in its database and is not there`)
    const movedTo = isTaken ? await moveAside(files, dataFolder) : null
    if (!isTaken) await files.remove(dataFolder)
    await files.rename(fresh, dataFolder)
    return { createdAt: said.createdAt, artifactCount: artifactIds.length, movedTo }
  } catch (thrown) {
    await files.remove(fresh)
    throw thrown
  }
}

/** Held while it is looked at, so that no running engine loses its folder. */
async function moveAside(files: Files, dataFolder: string): Promise<string> {
  const movedTo = `${dataFolder}.replaced-${randomUUID().slice(0, 8)}`
  {
    using _held = holdFolder(dataFolder)
  }
  await files.rename(dataFolder, movedTo)
  return movedTo
}

async function unpack({ files, source, signal, onProgress }: RestoreRequest, folder: string): Promise<Closing> {
  await using file = await files.open(source, 'read')
  const totalBytes = await file.sizeBytes()
  const bytes = new ByteReader(readAhead(file), 'the backup')
  const sums = new Map<string, string>()
  try {
    const tar = new TarReader(bytes, PAX_LIMIT_BYTES)
    for (let entry = await tar.next(); entry; entry = await tar.next()) {
      signal.throwIfAborted()
      if (entry.name === CLOSING) {
        const said = readClosing(await tar.contentWhole(CLOSING_LIMIT_BYTES))
        // The end is read too: what follows the last entry does not belong there.
        if (await tar.next()) throw damaged(`something follows ${CLOSING}`)
        checkSums(said, sums)
        return said
      }
      if (!isMember(entry.name) || sums.has(entry.name)) throw damaged(`it holds "${entry.name}", which does not belong there`)
      sums.set(entry.name, await writeMember(files, { path: `${folder}/${entry.name}`, mode: entry.mode, content: tar.content(), signal }))
      onProgress?.(bytes.position, totalBytes)
    }
  } finally {
    await bytes.close()
  }
  throw damaged('it was cut off')
}

interface Arriving {
  path: string
  mode: number
  content: AsyncIterable<Uint8Array>
  signal: AbortSignal
}

async function writeMember(files: Files, { path, mode, content, signal }: Arriving): Promise<string> {
  const folder = path.slice(0, path.lastIndexOf('/'))
  await files.makeFolder(folder)
  await files.setMode(folder, 0o700)
  await using file = await files.open(path, 'create')
  await files.setMode(path, mode)
  const hash = createHash('sha256')
  let position = 0
  for await (const piece of content) {
    signal.throwIfAborted()
    hash.update(piece)
    await file.write(piece, position)
    position += piece.length
  }
  await file.sync()
  return hash.digest('hex')
}

function readClosing(content: Uint8Array): Closing {
  try {
    return closing.parse(JSON.parse(new TextDecoder().decode(content)))
  } catch (thrown) {
    throw damaged(`its ${CLOSING} is not readable`, thrown)
  }
}

function checkSums(said: Closing, sums: ReadonlyMap<string, string>): void {
  const names = new Set([...Object.keys(said.files), ...sums.keys()])
  for (const name of names) if (said.files[name] !== sums.get(name)) throw damaged(`${name} is not what was backed up`)
  if (!sums.has(DATABASE)) throw damaged(`it holds no ${DATABASE}`)
}

function damaged(reason: string, cause?: unknown): AppError {
  return new AppError('ARTIFACT_INVALID', `This is no whole backup: ${reason}`, 'Use another backup. Nothing was changed.', cause)
}
