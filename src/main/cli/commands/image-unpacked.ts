import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UnpackedImages } from '../../engine/flash/unpacked-images.ts'
import type { CliContext } from '../context.ts'

/** The path at which an image can be read, unpacked where it is packed. Dispose of `unpacked` when done. */
export async function rawImage(path: string, { host, out, signal }: CliContext) {
  const folder = join(tmpdir(), `otabench-unpacked-${randomUUID()}`)
  const unpacked = new UnpackedImages({ files: host.files, programs: host.programs, folder })
  const rawPath = await unpacked.of(path, { signal, onProgress: (done, total) => out.progress(done, total ?? done, 'unpacked') })
  return { rawPath, [Symbol.asyncDispose]: () => unpacked[Symbol.asyncDispose]() }
}
