import type { ImageFacts } from '@contract/images.ts'
import { CardPicture } from '../../ui/card-picture.tsx'
import { partitionTitle, pictureLabel } from './partition-words.ts'

/** The partitions of an image to scale. Nothing where there are none. */
export function ImagePicture({ facts }: { facts: ImageFacts }) {
  const { sizeBytes, table, boot } = facts
  if (table === null) return null
  return (
    <CardPicture
      label={pictureLabel(facts)}
      sizeBytes={sizeBytes}
      parts={table.partitions.map((partition) => ({
        key: String(partition.number),
        title: partitionTitle(partition),
        startBytes: partition.startBytes,
        sizeBytes: partition.sizeBytes,
        usedBytes: usedOf(partition.fileSystem),
        isBooted: boot?.partition === partition.number,
      }))}
    />
  )
}

function usedOf(fileSystem: { sizeBytes: number; freeBytes: number | null } | null): number | null {
  return fileSystem === null || fileSystem.freeBytes === null ? null : fileSystem.sizeBytes - fileSystem.freeBytes
}
