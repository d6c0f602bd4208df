import { AppError } from '../../contract/errors.ts'
import {
  type EditableFileSystem,
  type FileFacts,
  type FileSystem,
  type NamedFile,
  type NewFile,
  type NewFolder,
  type NewLink,
  type Ownership,
  imageFull,
  notFound,
  partsOf,
} from './file-system.ts'

interface Node extends FileFacts {
  bytes: Uint8Array
  target: string
  entries: Map<string, Node>
}

const MAX_LINKS = 40

class Tree implements FileSystem {
  readonly kind = 'ext'
  protected readonly root = makeNode({ kind: 'folder', mode: 0o755, modifiedAt: 0 })

  async stat(path: string): Promise<FileFacts | null> {
    const node = this.find(path)
    return node && factsOf(node)
  }

  async list(path: string): Promise<NamedFile[]> {
    const { kind, entries } = this.get(path, true)
    if (kind !== 'folder') throw new AppError('BAD_INPUT', `${path} is a ${kind}`)
    return [...entries].map(([name, node]) => ({ name, ...factsOf(node) })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  async *content(path: string): AsyncIterable<Uint8Array> {
    const { kind, bytes } = this.get(path, true)
    if (kind !== 'file') throw new AppError('BAD_INPUT', `${path} is a ${kind}`)
    yield bytes
  }

  async linkTarget(path: string): Promise<string> {
    const { kind, target } = this.get(path)
    if (kind !== 'link') throw new AppError('BAD_INPUT', `${path} is a ${kind}`)
    return target
  }

  protected place(path: string): { folder: Node; name: string } {
    const parts = partsOf(path)
    const name = parts.pop()
    if (name === undefined || name === '..') throw new AppError('BAD_INPUT', `${path} cannot be changed`)
    const folder = this.get(`/${parts.join('/')}`, true)
    if (folder.kind !== 'folder') throw new AppError('BAD_INPUT', `${path} lies in a ${folder.kind}`)
    return { folder, name }
  }

  protected get(path: string, isFollowed = false): Node {
    const node = this.find(path, isFollowed)
    if (!node) throw notFound(path)
    return node
  }

  protected find(path: string, isFollowed = false): Node | null {
    const left = partsOf(path)
    const above: Node[] = [this.root]
    for (let links = 0; left.length > 0;) {
      const part = left.shift() ?? ''
      const here = above.at(-1)
      const node = part === '..' ? null : here?.entries.get(part)
      if (node === null) above.splice(Math.max(1, above.length - 1))
      else if (!node) return null
      else if (node.kind === 'link' && (left.length > 0 || isFollowed)) {
        if (++links > MAX_LINKS) return null
        if (node.target.startsWith('/')) above.splice(1)
        left.unshift(...partsOf(`/${node.target}`))
      } else above.push(node)
    }
    return above.at(-1) ?? null
  }
}

/** What every file system of an image has to do, as plainly as it can be said: a tree in memory, to hold the real ones against. */
export class MemoryFileSystem extends Tree implements EditableFileSystem {
  readonly #sizeBytes: number

  constructor(sizeBytes: number) {
    super()
    this.#sizeBytes = sizeBytes
  }

  async writeFile(path: string, file: NewFile): Promise<void> {
    const { folder, name } = this.place(path)
    const old = folder.entries.get(name)
    if (old && old.kind !== 'file' && old.kind !== 'link') throw new AppError('CONFLICT', `${path} is a ${old.kind}`)
    const free = (await this.freeBytes()) + (old?.bytes.length ?? 0)
    if (file.sizeBytes > free) throw imageFull(path, file.sizeBytes, free)
    const bytes = Buffer.concat(await Array.fromAsync(file.content, (piece) => Uint8Array.from(piece)))
    if (bytes.length !== file.sizeBytes) throw new AppError('BAD_INPUT', `${path}: ${bytes.length} bytes came instead of ${file.sizeBytes}`)
    const kept = old?.kind === 'file' ? old : undefined
    folder.entries.set(name, makeNode({ mode: 0o644, ...kept, ...given(file), kind: 'file', sizeBytes: bytes.length, bytes }))
  }

  async makeFolder(path: string, folder: NewFolder): Promise<void> {
    const parts = partsOf(path)
    if (folder.hasParents)
      for (let count = 1; count < parts.length; count++)
        this.#makeFolder(`/${parts.slice(0, count).join('/')}`, { ...folder, mode: undefined })
    this.#makeFolder(path, folder)
  }

  async makeLink(path: string, link: NewLink): Promise<void> {
    const { folder, name } = this.place(path)
    if (folder.entries.has(name)) throw new AppError('CONFLICT', `${path} is there already`)
    const sizeBytes = Buffer.byteLength(link.target)
    folder.entries.set(name, makeNode({ ...given(link), kind: 'link', mode: 0o777, target: link.target, sizeBytes }))
  }

  async remove(path: string, { isRecursive = false }: { isRecursive?: boolean | undefined } = {}): Promise<void> {
    const { folder, name } = this.place(path)
    const node = folder.entries.get(name)
    if (!node) throw notFound(path)
    if (node.entries.size > 0 && !isRecursive) throw new AppError('BAD_INPUT', `${path} is not empty`)
    folder.entries.delete(name)
  }

  async setFacts(path: string, facts: Ownership & { modifiedAt?: number | undefined }): Promise<void> {
    Object.assign(this.get(path), given(facts))
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.place(from)
    const target = this.place(to)
    const node = source.folder.entries.get(source.name)
    if (!node) throw notFound(from)
    const old = target.folder.entries.get(target.name)
    if (old === node) return
    if (old && (old.kind === 'folder' || node.kind === 'folder')) throw new AppError('CONFLICT', `${to} is there already`)
    if (node.kind === 'folder' && this.#isBelow(node, target.folder)) throw new AppError('BAD_INPUT', `${to} lies in ${from}`)
    source.folder.entries.delete(source.name)
    target.folder.entries.set(target.name, node)
  }

  async freeBytes(): Promise<number> {
    const used = (node: Node): number => node.bytes.length + [...node.entries.values()].reduce((sum, child) => sum + used(child), 0)
    return this.#sizeBytes - used(this.root)
  }

  async finish(): Promise<void> {}

  #makeFolder(path: string, { hasParents, ...folder }: NewFolder): void {
    if (hasParents && this.find(path, true)?.kind === 'folder') return
    const old = this.find(path)
    const { folder: above, name } = this.place(path)
    if (old) throw new AppError('CONFLICT', `${path} is there already`)
    above.entries.set(name, makeNode({ mode: 0o755, ...given(folder), kind: 'folder' }))
  }

  #isBelow(top: Node, folder: Node): boolean {
    return top === folder || [...top.entries.values()].some((child) => this.#isBelow(child, folder))
  }
}

function makeNode(facts: Partial<Node>): Node {
  return {
    ...{ kind: 'file', sizeBytes: 0, mode: 0, uid: 0, gid: 0, modifiedAt: 0, target: '', bytes: new Uint8Array(0), entries: new Map() },
    ...facts,
  }
}

function factsOf({ kind, sizeBytes, mode, uid, gid, modifiedAt }: Node): FileFacts {
  return { kind, sizeBytes, mode, uid, gid, modifiedAt }
}

/** Those of the four that were said. */
function given({ mode, uid, gid, modifiedAt }: Ownership & { modifiedAt?: number | undefined }): Partial<Node> {
  return Object.fromEntries(Object.entries({ mode, uid, gid, modifiedAt }).filter(([, value]) => value !== undefined))
}
