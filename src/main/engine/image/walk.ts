import type { FileSystem, NamedFile } from './file-system.ts'
import { badImage } from './image-bytes.ts'

/** More than any image has: what is listed in a circle ends here. */
const MAX_NAMES = 2_000_000
const MAX_PATH = 4096

export interface WalkedFile extends NamedFile {
  /** Absolute. */
  path: string
  /** null of everything but a link. */
  linkTarget: string | null
}

/** What a folder holds, and with `isRecursive` each folder in it right after its own line; links are not followed. */
export async function* walk(fileSystem: FileSystem, path: string, isRecursive = false): AsyncGenerator<WalkedFile, void, void> {
  let names = 0
  async function* list(folder: string): AsyncGenerator<WalkedFile, void, void> {
    if (folder.length > MAX_PATH) throw badImage(`Folders of the image lie more than ${MAX_PATH} characters deep`)
    const files = await fileSystem.list(folder)
    names += files.length
    if (names > MAX_NAMES) throw badImage(`The image has more than the ${MAX_NAMES} names that are accepted`)
    for (const file of files) {
      const place = joined(folder, file.name)
      yield { ...file, path: place, linkTarget: file.kind === 'link' ? await fileSystem.linkTarget(place) : null }
      if (isRecursive && file.kind === 'folder') yield* list(place)
    }
  }
  yield* list(path)
}

function joined(folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`
}
