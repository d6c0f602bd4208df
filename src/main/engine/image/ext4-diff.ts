import { createHash } from 'node:crypto'
import type { FileChange, FileFacts } from '../../contract/comparisons.ts'
import type { Inode } from './ext4-inode.ts'
import type { FolderEntry } from './ext4-folder.ts'
import type { Ext4 } from './ext4-read.ts'
import { badImage } from './image-bytes.ts'

export interface DiffOptions {
  signal?: AbortSignal | undefined
  /** Called for each path, with how many have been compared. */
  onPath?: (done: number) => void
}

const FIELDS = ['kind', 'mode', 'uid', 'gid', 'sizeBytes', 'modifiedAt', 'linkTarget', 'device', 'sha256'] as const
/** Names of one image, and characters of one path: more than any root file system has. */
const MAX_NAMES = 2_000_000
const MAX_PATH = 65_536

/**
 * Every path at which two images differ, by what `ls -l` shows and by content; extended attributes are not compared. Both trees are
 * walked side by side, so that memory holds two folders and the numbers of those to come. ARTIFACT_INVALID when one is damaged.
 */
export async function* diffExt4(a: Ext4, b: Ext4, options: DiffOptions = {}): AsyncGenerator<FileChange, void, void> {
  const { signal, onPath } = options
  const sides = [new Side(a, signal), new Side(b, signal)] as const
  const folders: Pair[] = []
  const top = await compare(sides, { path: '/', a: await a.root(), b: await b.root() }, folders)
  if (top) yield top
  let done = 1
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const names = merged(await sides[0].list(folder.a, folder.path), await sides[1].list(folder.b, folder.path))
    const below: Pair[] = []
    for (const { name, inA, inB } of names) {
      signal?.throwIfAborted()
      const path = `${folder.path === '/' ? '' : folder.path}/${name}`
      const change = await compare(
        sides,
        { path, a: inA === null ? null : await a.inode(inA), b: inB === null ? null : await b.inode(inB) },
        below,
      )
      done += 1
      onPath?.(done)
      if (change) yield change
    }
    folders.push(...below.toReversed())
  }
}

interface Pair {
  path: string
  a: Inode | null
  b: Inode | null
}

/** Answers how two files differ, null when they do not, and puts them into `below` when there is something in them. */
async function compare(sides: readonly [Side, Side], { path, a, b }: Pair, below: Pair[]): Promise<FileChange | null> {
  const folderA = a?.kind === 'folder' ? a : null
  const folderB = b?.kind === 'folder' ? b : null
  if (folderA || folderB) below.push({ path, a: folderA, b: folderB })
  const factsA = a && (await sides[0].facts(a))
  const factsB = b && (await sides[1].facts(b))
  if (!factsA) return { path, change: 'added', differs: [], a: null, b: factsB }
  if (!factsB) return { path, change: 'removed', differs: [], a: factsA, b: null }
  const differs = FIELDS.filter((field) => factsA[field] !== factsB[field])
  return differs.length === 0 ? null : { path, change: 'changed', differs, a: factsA, b: factsB }
}

/** One of the two images, and what was seen of it. */
class Side {
  readonly #image: Ext4
  readonly #signal: AbortSignal | undefined
  readonly #folders = new Set<number>()
  /** Of files with several names. */
  readonly #sums = new Map<number, string>()
  #names = 0

  constructor(image: Ext4, signal: AbortSignal | undefined) {
    this.#image = image
    this.#signal = signal
  }

  async list(folder: Inode | null, path: string): Promise<FolderEntry[]> {
    if (!folder) return []
    if (this.#folders.has(folder.number)) throw badImage(`ext4: the folder ${JSON.stringify(path)} is in two places`)
    if (path.length > MAX_PATH) throw badImage(`ext4: its folders lie more than ${MAX_PATH} characters deep`)
    this.#folders.add(folder.number)
    const entries = await this.#image.list(folder)
    this.#names += entries.length
    if (this.#names > MAX_NAMES) throw badImage(`ext4: it has more than the ${MAX_NAMES} names that are accepted`)
    return entries
  }

  async facts(inode: Inode): Promise<FileFacts> {
    const { kind, mode, uid, gid, modifiedAt, major, minor } = inode
    const isFile = kind === 'file'
    return {
      ...{ kind, uid, gid, modifiedAt },
      mode: mode.toString(8).padStart(4, '0'),
      sizeBytes: isFile ? inode.sizeBytes : null,
      linkTarget: kind === 'link' ? await this.#image.linkTarget(inode) : null,
      device: kind === 'block device' || kind === 'character device' ? `${major}:${minor}` : null,
      sha256: isFile ? await this.#sum(inode) : null,
    }
  }

  async #sum(inode: Inode): Promise<string> {
    const known = this.#sums.get(inode.number)
    if (known !== undefined) return known
    const hash = createHash('sha256')
    for await (const piece of this.#image.content(inode)) {
      this.#signal?.throwIfAborted()
      hash.update(piece)
    }
    const sum = hash.digest('hex')
    if (inode.linkCount > 1) this.#sums.set(inode.number, sum)
    return sum
  }
}

interface Name {
  name: string
  inA: number | null
  inB: number | null
}

/** Two sorted lists as one. */
function merged(a: readonly FolderEntry[], b: readonly FolderEntry[]): Name[] {
  const names = new Map<string, Name>(a.map(({ name, inode }) => [name, { name, inA: inode, inB: null }]))
  for (const { name, inode } of b) {
    const found = names.get(name)
    if (found) found.inB = inode
    else names.set(name, { name, inA: null, inB: inode })
  }
  return [...names.values()].toSorted((x, y) => (x.name < y.name ? -1 : 1))
}
