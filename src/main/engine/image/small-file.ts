import type { FileSystem } from './file-system.ts'

const MAX_BYTES = 64 * 1024

/** The content of a file of at most 64 KiB; null where there is no such file, or a larger one. */
export async function smallFile(files: FileSystem, path: string): Promise<Uint8Array | null> {
  const facts = await files.stat(path)
  if (facts?.kind !== 'file' || facts.sizeBytes > MAX_BYTES) return null
  const pieces: Uint8Array[] = []
  for await (const piece of files.content(path)) pieces.push(Uint8Array.from(piece))
  return Buffer.concat(pieces)
}
