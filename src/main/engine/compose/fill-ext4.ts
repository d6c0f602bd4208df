import { join } from 'node:path'
import { ByteReader } from '../artifact/byte-reader.ts'
import { decompress } from '../artifact/compression.ts'
import { type TarFile, TarFiles } from '../artifact/tar-files.ts'
import { AppError } from '../../contract/errors.ts'
import type { Files, HostFile, NameStat } from '../host.ts'
import type { EditableFileSystem, LinuxFileSystem } from '../image/file-system.ts'
import { readAhead, readChunks } from '../lib/file-streams.ts'
import type { Tree } from './recipe.ts'

export interface FillContext {
  files: Files
  signal: AbortSignal
  /** Bytes of the source that were taken, and all of them; null where that is not known. */
  onProgress(done: number, total: number | null): void
  warn(text: string): void
}

/** Fills a new ext4 file system. */
export async function fillExt4(target: LinuxFileSystem, tree: Tree, context: FillContext): Promise<void> {
  if (tree.kind === 'folder') return fillFromFolder(target, tree, context)
  await using file = await context.files.open(tree.path, 'read')
  const tar = new TarFiles(
    new ByteReader(decompress(counted(file, await file.sizeBytes(), context), await packing(file), tree.path), tree.path),
  )
  const filling = new Filling(target)
  for (let each = await tar.next(); each !== null; each = await tar.next()) {
    context.signal.throwIfAborted()
    await filling.put(each, tar.content())
  }
  await filling.finish()
  if (filling.count === 0) throw new AppError('ARTIFACT_INVALID', `${tree.path} holds no files`, 'Name the tar of a root file system.')
  if (tar.aclCount > 0) context.warn(`access control lists of ${tar.aclCount} files are left out`)
}

const MAGIC = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lzma', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
] as const

async function packing(file: HostFile): Promise<'none' | 'gzip' | 'zstd' | 'lzma'> {
  const front = new Uint8Array(8)
  await file.read(front, 0)
  return MAGIC.find(([, bytes]) => bytes.every((byte, index) => front[index] === byte))?.[0] ?? 'none'
}

async function* counted(file: HostFile, totalBytes: number, { onProgress, signal }: FillContext): AsyncGenerator<Uint8Array, void, void> {
  let done = 0
  for await (const chunk of readAhead(file)) {
    signal.throwIfAborted()
    yield chunk
    done += chunk.length
    onProgress(done, totalBytes)
  }
}

/** Puts the files of a tar into place, in whatever order they come; the last of a name counts. */
class Filling {
  readonly #target: LinuxFileSystem
  readonly #seen = new Map<string, 'folder' | 'other'>([
    ['/', 'folder'],
    ['/lost+found', 'folder'],
  ])
  /** What is put into a folder later changes its time. */
  readonly #times = new Map<string, number>()
  count = 0

  constructor(target: LinuxFileSystem) {
    this.#target = target
  }

  async put(file: TarFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    const { path, kind, target, modifiedAt, mode, uid, gid, attributes } = file
    const facts = { mode, uid, gid, modifiedAt }
    this.count++
    if (kind === 'folder') return this.#folder(file)
    await this.#makeRoom(path, modifiedAt)
    if (kind === 'hardLink') return this.#target.makeHardLink(path, target)
    if (kind === 'link') await this.#target.makeLink(path, { ...facts, mode: 0o777, target })
    else if (kind === 'file') await this.#target.writeFile(path, { ...facts, sizeBytes: file.sizeBytes, content })
    else await this.#target.makeDevice(path, { ...facts, kind, major: file.major, minor: file.minor })
    if (attributes.length > 0) await this.#target.setFacts(path, { attributes })
  }

  async finish(): Promise<void> {
    for (const [path, modifiedAt] of this.#times) await this.#target.setFacts(path, { modifiedAt })
  }

  async #folder({ path, modifiedAt, mode, uid, gid, attributes }: TarFile): Promise<void> {
    const known = this.#seen.get(path)
    if (known !== 'folder') {
      await this.#makeRoom(path, modifiedAt)
      await this.#target.makeFolder(path, { modifiedAt, mode, uid, gid })
    } else await this.#target.setFacts(path, { mode, uid, gid })
    this.#seen.set(path, 'folder')
    if (!this.#times.has(path) && attributes.length > 0) await this.#target.setFacts(path, { attributes })
    this.#times.set(path, modifiedAt)
  }

  /** The folders above are there, and nothing is in the way. */
  async #makeRoom(path: string, modifiedAt: number): Promise<void> {
    const known = this.#seen.get(path)
    if (known !== undefined) await this.#target.remove(path, { isRecursive: false })
    const above = path.slice(0, path.lastIndexOf('/')) || '/'
    if (!this.#seen.has(above)) {
      await this.#target.makeFolder(above, { modifiedAt, hasParents: true })
      for (let at = above; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (!this.#seen.has(at)) this.#seen.set(at, 'folder')
    }
    this.#seen.set(path, 'other')
  }
}

async function fillFromFolder(target: LinuxFileSystem, tree: Tree, context: FillContext): Promise<void> {
  const root = await context.files.stat(tree.path)
  const times: [string, number][] = []
  for await (const each of walk(tree, context)) {
    context.signal.throwIfAborted()
    const { path, stat, firstPath } = each
    const { mode, uid, gid, modifiedAt } = factsOf(stat, tree)
    if (firstPath !== null) await target.makeHardLink(path, firstPath)
    else if (stat.kind === 'folder') {
      times.push([path, modifiedAt])
      const isThere = path === '/lost+found'
      await (isThere ? target.setFacts(path, { mode, uid, gid }) : target.makeFolder(path, { mode, uid, gid, modifiedAt }))
    } else if (stat.kind === 'link') await target.makeLink(path, { uid, gid, modifiedAt, target: stat.target })
    else await target.writeFile(path, { mode, uid, gid, modifiedAt, sizeBytes: stat.sizeBytes, content: contentOf(tree, path, context) })
  }
  if (!root) return
  const { mode, uid, gid, modifiedAt } = factsOf(root, tree)
  if (uid !== 0) context.warn(`${tree.path} belongs to user ${uid}, and so do files of the card: say owners: root if they should be root's`)
  await target.setFacts('/', { mode, uid, gid, modifiedAt })
  for (const [path, time] of times) await target.setFacts(path, { modifiedAt: time })
}

/** Fills a new FAT file system. BAD_INPUT for links, which it has not. */
export async function fillFat(target: EditableFileSystem, tree: Tree, context: FillContext): Promise<void> {
  for await (const { path, stat } of walk(tree, context)) {
    context.signal.throwIfAborted()
    const { modifiedAt } = factsOf(stat, tree)
    if (stat.kind === 'folder') await target.makeFolder(path, { modifiedAt })
    else if (stat.kind === 'file')
      await target.writeFile(path, { modifiedAt, sizeBytes: stat.sizeBytes, content: contentOf(tree, path, context) })
    else throw new AppError('BAD_INPUT', `${join(tree.path, path)} is a link, and FAT has none`, 'Put the file itself there.')
  }
}

interface Walked {
  /** In the file system that is filled. */
  path: string
  stat: NameStat
  /** Of a file with several names, the one that came first. */
  firstPath: string | null
}

/** Everything in a folder but the folder itself, each folder before what it holds, sorted by name. */
async function* walk({ path: root }: Tree, { files, onProgress }: FillContext): AsyncGenerator<Walked, void, void> {
  const first = new Map<string, string>()
  let done = 0
  async function* list(path: string): AsyncGenerator<Walked, void, void> {
    for (const name of await files.list(join(root, path))) {
      const below = `${path}/${name}`
      const stat = await files.statName(join(root, below))
      if (!stat) throw new AppError('CONFLICT', `${join(root, below)} went away while the folder was read`, 'Let it rest and try again.')
      if (stat.kind === 'other')
        throw new AppError(
          'BAD_INPUT',
          `${join(root, below)} is a device, a socket or a pipe`,
          'Leave it out, or make a tar of the folder.',
        )
      const firstPath = stat.sharedId === null ? null : (first.get(stat.sharedId) ?? null)
      if (stat.sharedId !== null && firstPath === null) first.set(stat.sharedId, below)
      yield { path: below, stat, firstPath }
      done += stat.kind === 'file' ? stat.sizeBytes : 0
      onProgress(done, null)
      if (stat.kind === 'folder') yield* list(below)
    }
  }
  yield* list('')
}

function factsOf({ mode, uid, gid, modifiedAt }: Omit<NameStat, 'kind' | 'target' | 'sharedId'>, { owners, latestAt }: Tree) {
  const time = latestAt === null ? modifiedAt : Math.min(modifiedAt, latestAt)
  return { mode, modifiedAt: time, ...(owners === 'root' ? { uid: 0, gid: 0 } : { uid, gid }) }
}

async function* contentOf(tree: Tree, path: string, { files, signal }: FillContext): AsyncGenerator<Uint8Array, void, void> {
  await using file = await files.open(join(tree.path, path), 'read')
  for await (const chunk of readChunks(file)) {
    signal.throwIfAborted()
    yield chunk
  }
}
