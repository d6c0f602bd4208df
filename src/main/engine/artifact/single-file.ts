import type { BuildStamp, PayloadSource } from './write.ts'

/**
 * The payload files of the update module single-file: where the file goes, what it is called and its mode, each as a line of text in a
 * file of its own, and the file itself.
 */
export function singleFilePayload(
  file: PayloadSource,
  { destination, stamp }: { destination: string; stamp: BuildStamp },
): PayloadSource[] {
  return [
    textFile('dest_dir', destination, stamp),
    textFile('filename', file.name, stamp),
    textFile('permissions', (file.mode & 0o777).toString(8), stamp),
    file,
  ]
}

/** A small payload file with a line of text. */
export function textFile(name: string, text: string, stamp: BuildStamp): PayloadSource {
  const bytes = new TextEncoder().encode(`${text}\n`)
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    yield await Promise.resolve(bytes)
  }
  return { ...stamp, name, mode: 0o644, sizeBytes: bytes.length, chunks }
}
