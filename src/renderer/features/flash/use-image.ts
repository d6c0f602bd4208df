import type { Failure } from '@contract/errors.ts'
import type { FlashSource } from '@contract/flash.ts'
import type { ImageFacts } from '@contract/images.ts'
import { useCall } from '../../app/use-call.ts'

/** What is known of the chosen image. */
export interface ImageView {
  source: FlashSource | null
  /** What is on it; null while that is not known, as of one that is packed. */
  facts: ImageFacts | null
  /** Why it cannot be written. */
  failure: Failure | null
  /** A Mender artifact, of which the root file system is written into a partition. */
  isArtifact: boolean
  /** There are no partitions in it: it may go into one. */
  isOneFileSystem: boolean
}

/** What the image of a path is, as something to write and as something to look into. */
export function useImage(path: string | null): ImageView {
  const { value: source, failure } = useCall(path === null ? null : `flash.inspect ${path}`, (engine, signal) =>
    engine.flash.inspect({ path: path ?? '' }, { signal }),
  )
  const hasPartitions = source !== null && source.format !== 'artifact'
  const { value } = useCall(hasPartitions ? `images.inspect ${path}` : null, (engine, signal) =>
    engine.images.inspect({ path: path ?? '' }, { signal }),
  )
  const facts = value?.facts ?? null
  const isArtifact = source?.format === 'artifact'
  return { source, facts, failure, isArtifact, isOneFileSystem: isArtifact || (facts !== null && facts.table === null) }
}
