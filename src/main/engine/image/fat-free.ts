import { checkTables } from './fat-space.ts'
import { clusterAt, openFat } from './fat-volume.ts'
import type { ReadImage } from './image-bytes.ts'
import { type Range, merged } from './ranges.ts'

/** The bytes of the free clusters of a FAT file system, in order. ARTIFACT_INVALID where it is damaged or its tables differ. */
export async function freeInFat(read: ReadImage): Promise<Range[]> {
  const volume = await openFat(read)
  await checkTables(volume, read)
  const { table, clusterCount, clusterBytes } = volume
  function* free(): Generator<Range, void, void> {
    for (let cluster = 2; cluster < clusterCount + 2; cluster++) {
      const start = clusterAt(volume, cluster)
      if (table.get(cluster) === 0) yield { start, end: start + clusterBytes }
    }
  }
  return merged(free())
}
