import type { TarFiles } from '../artifact/tar-files.ts'
import type { LinuxFileSystem } from '../image/file-system.ts'

/** One name of a root file system; everything in it is root's. */
export type TreeEntry =
  | { kind: 'folder'; mode: number }
  | { kind: 'file'; mode: number; content: Uint8Array }
  | { kind: 'link'; target: string }

/** The files of a root file system by their absolute paths, in memory. */
export class Tree {
  readonly #entries = new Map<string, TreeEntry>()

  get(path: string): TreeEntry | undefined {
    return this.#entries.get(path)
  }

  /** In the order of their names, each folder before what it holds. */
  entries(): [string, TreeEntry][] {
    return [...this.#entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  }

  /** Replaces what is there; makes the folders above. */
  put(path: string, entry: TreeEntry): void {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const above = path.slice(0, at)
      if (this.#entries.get(above)?.kind !== 'folder') this.#entries.set(above, { kind: 'folder', mode: 0o755 })
    }
    this.#entries.set(path, entry)
  }

  putFile(path: string, content: Uint8Array | string, mode = 0o644): void {
    this.put(path, { kind: 'file', mode, content: typeof content === 'string' ? Buffer.from(content) : content })
  }

  /** A file, and the folders above that hold nothing else. */
  remove(path: string): void {
    this.#entries.delete(path)
    const above = path.slice(0, path.lastIndexOf('/'))
    if (above !== '' && ![...this.#entries.keys()].some((each) => each.startsWith(`${above}/`))) this.remove(above)
  }

  folder(path: string): void {
    if (this.#entries.get(path)?.kind !== 'folder') this.put(path, { kind: 'folder', mode: 0o755 })
  }
}

/** Takes the files of a tar that are wanted. Hard links become files. */
export async function takeTar(tree: Tree, tar: TarFiles, isWanted: (path: string) => boolean): Promise<void> {
  for (let file = await tar.next(); file !== null; file = await tar.next()) {
    const { path, kind, mode, target } = file
    if (path === '/' || !isWanted(path)) continue
    if (kind === 'folder') tree.folder(path)
    else if (kind === 'link') tree.put(path, { kind: 'link', target })
    else if (kind === 'file') tree.putFile(path, await contentOf(tar, file.sizeBytes), mode)
    else if (kind === 'hardLink') {
      const other = tree.get(target)
      if (other) tree.put(path, other)
    }
  }
}

async function contentOf(tar: TarFiles, sizeBytes: number): Promise<Uint8Array> {
  const content = new Uint8Array(sizeBytes)
  let done = 0
  for await (const piece of tar.content()) {
    content.set(piece, done)
    done += piece.length
  }
  return content
}

/** Fills a new file system. */
export async function writeTree(
  target: LinuxFileSystem,
  tree: Tree,
  { madeAt, signal }: { madeAt: number; signal: AbortSignal },
): Promise<void> {
  for (const [path, entry] of tree.entries()) {
    signal.throwIfAborted()
    if (entry.kind === 'folder') await target.makeFolder(path, { mode: entry.mode, modifiedAt: madeAt })
    else if (entry.kind === 'link') await target.makeLink(path, { target: entry.target, modifiedAt: madeAt })
    else
      await target.writeFile(path, { mode: entry.mode, sizeBytes: entry.content.length, content: once(entry.content), modifiedAt: madeAt })
  }
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes
}
