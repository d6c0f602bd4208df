import { AppError } from '../../contract/errors.ts'
import type { ImageFacts } from '../../contract/images.ts'
import type { Files } from '../host.ts'
import { inspectImage } from '../image/image-facts.ts'
import { readerOf } from '../lib/image-file.ts'
import { isArtifact, noFileSystem } from './open-contents.ts'

/** What the image or drive of a path is. BAD_INPUT for what is none, ARTIFACT_INVALID where its partition table is damaged. */
export async function inspectFile(files: Files, path: string): Promise<ImageFacts> {
  await using file = await files.open(path, 'read')
  const read = readerOf(file)
  if (await isArtifact(read))
    throw new AppError('BAD_INPUT', `${path} is an artifact`, 'Look at it under Artifacts, or with otabench artifact read.')
  const facts = await inspectImage(read, await file.sizeBytes())
  if (!facts.table && !facts.fileSystem) throw noFileSystem('The file')
  return facts
}
