import { CountedTar, expansionWarnings } from './expansion.ts'
import { type TarEntry, encodeTarHeader } from './tar-header.ts'
import { TAR_END, joinBytes, paddingFor } from './tar-write.ts'
import type { ArtifactSink } from './write.ts'

/** The size from which USTAR cannot hold an entry's size. */
const USTAR_SIZE_LIMIT = 8 ** 11

export interface DataSource {
  /** All that stands before data/0000.tar. */
  front: Uint8Array
  /** The entry of data/0000.tar; `sizeBytes` is about what it will be. */
  data: TarEntry
  /** What the entry expands to, made anew each time. */
  tar(): AsyncIterable<Uint8Array>
  compress(tar: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

export interface PackedData {
  sizeBytes: number
  warnings: readonly string[]
}

/** Writes an artifact whose front is known, and whose data/0000.tar has a size that is known when it has been written. */
export async function packData({ front, data, tar, compress }: DataSource, sink: ArtifactSink): Promise<PackedData> {
  const pack = async (hasLargeData: boolean): Promise<PackedData & { dataBytes: number }> => {
    const header = (sizeBytes: number): Uint8Array =>
      joinBytes([front, encodeTarHeader({ ...data, sizeBytes }, hasLargeData ? { size: String(sizeBytes) } : {})])
    // The size that is not known yet has as many digits as the largest, so that the header has its length.
    const startsAt = header(hasLargeData ? USTAR_SIZE_LIMIT : 0).length
    let position = startsAt
    const expanded = new CountedTar(tar())
    for await (const piece of compress(expanded)) {
      await sink.write(piece, position)
      position += piece.length
    }
    const dataBytes = position - startsAt
    const end = joinBytes([paddingFor(dataBytes), TAR_END])
    await sink.write(end, position)
    const whole = header(dataBytes)
    if (whole.length === startsAt) await sink.write(whole, 0)
    return { sizeBytes: position + end.length, dataBytes, warnings: expansionWarnings(expanded.bytes, dataBytes) }
  }
  const isLarge = data.sizeBytes >= USTAR_SIZE_LIMIT
  const packed = await pack(isLarge)
  // Only a payload that grows beyond 8 GiB when it is unpacked comes here: its header needs more room than was kept.
  return isLarge || packed.dataBytes < USTAR_SIZE_LIMIT ? packed : pack(true)
}
