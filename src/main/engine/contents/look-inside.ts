import type { InsideFile } from '../../contract/inside-files.ts'
import { walk } from '../image/walk.ts'
import { shownText } from '../lib/shown-text.ts'
import type { Contents } from './open-contents.ts'

/** What is shown of a file. */
const SHOWN_BYTES = 256 * 1024

/** What a folder holds. NOT_FOUND, BAD_INPUT where there is no file system that can be opened. */
export async function listFolder(contents: Contents, wanted: string): Promise<InsideFile[]> {
  const { fileSystem, path } = await contents.find(wanted)
  const files = await Array.fromAsync(walk(fileSystem, path))
  return files.map((file) => ({ ...file, mode: file.mode.toString(8).padStart(4, '0') }))
}

/** The beginning of a file; null for what is no text. */
export async function shownFile(contents: Contents, wanted: string): Promise<string | null> {
  const { fileSystem, path } = await contents.find(wanted)
  const pieces: Uint8Array[] = []
  let [kept, sizeBytes] = [0, 0]
  for await (const piece of fileSystem.content(path)) {
    pieces.push(piece.slice(0, SHOWN_BYTES - kept))
    kept = Math.min(SHOWN_BYTES, kept + piece.length)
    sizeBytes += piece.length
  }
  return shownText(Buffer.concat(pieces), sizeBytes)
}
