import type { EditableFileSystem, FileFacts } from '../image/file-system.ts'
import { walk } from '../image/walk.ts'
import { STATE } from './slot-files.ts'

/** Where it lies in the data partition. */
const MOVED = '/mender'
/** It is held in memory while the slots are written; a client at rest keeps a database and a few keys. */
const MOST_BYTES = 64 << 20

interface Entry extends FileFacts {
  /** Below the folder, with the first slash. */
  path: string
  linkTarget: string | null
  content: Uint8Array
}

/** The state of a client that lies in a root file system, on its way to the data partition. */
export class MovedState {
  #entries: Entry[] = []

  /** Reads what there is; nothing is changed. False where it is no folder, or too much. */
  async read(slot: EditableFileSystem): Promise<boolean> {
    this.#entries = []
    const there = await slot.stat(STATE)
    if (there !== null && there.kind !== 'folder') return false
    const entries: Entry[] = []
    let totalBytes = 0
    for await (const { path, linkTarget, ...facts } of there ? walk(slot, STATE, true) : []) {
      totalBytes += facts.sizeBytes
      if (totalBytes > MOST_BYTES) return false
      const content = facts.kind === 'file' ? await contentOf(slot, path, facts) : new Uint8Array()
      entries.push({ ...facts, path: path.slice(STATE.length), linkTarget, content })
    }
    this.#entries = entries
    return true
  }

  /** How many files were read. */
  get fileCount(): number {
    return this.#entries.filter(({ kind }) => kind === 'file').length
  }

  /** Puts it into the data partition, beside what is there already. */
  async put(data: EditableFileSystem, warn: (text: string) => void): Promise<void> {
    for (const { path, kind, linkTarget, content, sizeBytes, ...facts } of this.#entries) {
      const to = `${MOVED}${path}`
      const there = await data.stat(to)
      if (there && !(there.kind === 'folder' && kind === 'folder')) {
        warn(`/data${to} is there already: ${STATE}${path} of the root file system is left out`)
      } else if (kind === 'folder') {
        if (!there) await data.makeFolder(to, facts)
      } else if (linkTarget !== null) {
        await data.makeLink(to, { ...facts, target: linkTarget })
      } else if (kind === 'file') {
        await data.writeFile(to, { ...facts, sizeBytes, content: once(content) })
      }
    }
  }
}

async function contentOf(slot: EditableFileSystem, path: string, { sizeBytes }: FileFacts): Promise<Uint8Array> {
  const content = new Uint8Array(sizeBytes)
  let filled = 0
  for await (const piece of slot.content(path)) {
    content.set(piece, filled)
    filled += piece.length
  }
  return content
}

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield content
}
