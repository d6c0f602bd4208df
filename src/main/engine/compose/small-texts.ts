import { badImage } from '../image/image-bytes.ts'
import type { EditableFileSystem, FileSystem } from '../image/file-system.ts'

/** More than any configuration has. */
const MAX_TEXT_BYTES = 4 << 20

/** A small text of an image; empty where there is no such file. */
export async function textIn(files: FileSystem, path: string): Promise<string> {
  return (await bytesIn(files, path)).toString()
}

export async function bytesIn(files: FileSystem, path: string): Promise<Buffer> {
  const facts = await files.stat(path)
  if (facts === null || (facts.kind !== 'file' && facts.kind !== 'link')) return Buffer.alloc(0)
  if (facts.sizeBytes > MAX_TEXT_BYTES) throw badImage(`${path} has ${facts.sizeBytes} bytes`)
  const pieces = await Array.fromAsync(files.content(path), (piece) => Buffer.from(piece))
  return Buffer.concat(pieces)
}

/** Replaces a text; what it was before, its mode and owner, stays. */
export function writeText(files: EditableFileSystem, path: string, text: string, modifiedAt: number): Promise<void> {
  return writeBytes(files, path, Buffer.from(text), modifiedAt)
}

export async function writeBytes(files: EditableFileSystem, path: string, bytes: Uint8Array, modifiedAt: number): Promise<void> {
  async function* content(): AsyncGenerator<Uint8Array, void, void> {
    yield bytes
  }
  await files.writeFile(path, { sizeBytes: bytes.length, content: content(), modifiedAt })
}
