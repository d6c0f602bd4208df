import { AppError } from '../../contract/errors.ts'
import { type FatVolume, badFat, clusterAt } from './fat-volume.ts'
import type { EditImage, NewFile } from './file-system.ts'
import { type ReadImage, bytesOf } from './image-bytes.ts'

const COUNTS = { lead: 0x4161_5252, middle: 0x6141_7272, freeAt: 488, nextAt: 492 } as const

/** ARTIFACT_INVALID when the copies of the table differ: it is not known which of them is right. */
export async function checkTables({ tablesAt, table }: FatVolume, read: ReadImage): Promise<void> {
  for (const at of tablesAt.slice(1)) {
    const copy = bytesOf(await read(at, table.bytes.length))
    if (Buffer.compare(copy, table.bytes) !== 0) throw badFat('its copies of the table differ')
  }
}

/** The clusters of a FAT file system that is changed: which are free, and writing them. */
export class FatSpace {
  readonly #volume: FatVolume
  readonly #image: EditImage
  #freeCount: number
  /** No cluster before this one is free. */
  #from = 2

  private constructor(volume: FatVolume, image: EditImage) {
    this.#volume = volume
    this.#image = image
    this.#freeCount = volume.table.countFree()
  }

  /** ARTIFACT_INVALID when the copies of the table differ. */
  static async open(volume: FatVolume, image: EditImage): Promise<FatSpace> {
    await checkTables(volume, image.read)
    return new FatSpace(volume, image)
  }

  get freeCount(): number {
    return this.#freeCount
  }

  /** As many free clusters as a chain. The caller has seen that there are enough. */
  take(count: number): number[] {
    const chain: number[] = []
    if (count === 0) return chain
    for (const cluster of this.#volume.table.free(this.#from)) {
      chain.push(cluster)
      if (chain.length === count) break
    }
    if (chain.length < count) throw new AppError('INTERNAL', `${count} clusters are wanted where ${chain.length} are free`)
    this.#from = chain.at(-1) ?? this.#from
    this.#freeCount -= count
    this.#chain(chain)
    return chain
  }

  /** Makes a chain of clusters, some of which may have been released. */
  link(chain: readonly number[]): void {
    this.#freeCount -= chain.filter((cluster) => this.#volume.table.get(cluster) === 0).length
    this.#chain(chain)
  }

  release(chain: readonly number[]): void {
    for (const cluster of chain) {
      this.#volume.table.set(cluster, 0)
      this.#from = Math.min(this.#from, cluster)
    }
    this.#freeCount += chain.length
  }

  /**
   * Writes a file's content into new clusters and releases its old ones, before that only where there is no room for both. The caller has
   * seen that it fits. BAD_INPUT when the content has another length than was said; then the old chain is there as before.
   */
  async replace(old: readonly number[], file: NewFile, path: string): Promise<number[]> {
    const count = Math.ceil(file.sizeBytes / this.#volume.clusterBytes)
    const isTight = count > this.#freeCount
    if (isTight) this.release(old)
    const chain = this.take(count)
    try {
      await this.#fill(chain, file, path)
    } catch (thrown) {
      this.release(chain)
      if (isTight) this.link(old)
      throw thrown
    }
    if (!isTight) this.release(old)
    return chain
  }

  /** Writes the table into all its copies, and the counts of FAT32. */
  async finish(): Promise<void> {
    const { table, tablesAt, countsAt, clusterCount } = this.#volume
    for (const { at, bytes } of table.takeChanged()) for (const tableAt of tablesAt) await this.#image.write(tableAt + at, bytes)
    if (countsAt === null) return
    const view = await this.#image.read(countsAt, 512)
    if (view.byteLength < 512 || view.getUint32(0, true) !== COUNTS.lead || view.getUint32(484, true) !== COUNTS.middle) return
    const [next = clusterCount + 1] = table.free(2)
    view.setUint32(COUNTS.freeAt, this.#freeCount, true)
    view.setUint32(COUNTS.nextAt, next, true)
    await this.#image.write(countsAt, bytesOf(view))
  }

  /** Writes a file's content into its clusters, zeros behind it. */
  async #fill(chain: readonly number[], { sizeBytes, content }: NewFile, path: string): Promise<void> {
    const wrong = (came: string) =>
      new AppError('BAD_INPUT', `${path}: ${came} bytes came instead of ${sizeBytes}`, 'Let the file rest and try again.')
    const { clusterBytes } = this.#volume
    let position = 0
    for await (const piece of content) {
      if (position + piece.length > sizeBytes) throw wrong(`${position + piece.length} or more`)
      await this.#write(chain, position, piece)
      position += piece.length
    }
    if (position < sizeBytes) throw wrong(String(position))
    await this.#write(chain, position, new Uint8Array(chain.length * clusterBytes - position))
  }

  #chain(chain: readonly number[]): void {
    const { table } = this.#volume
    for (const [index, cluster] of chain.entries()) {
      const next = chain[index + 1]
      if (next === undefined) table.setEnd(cluster)
      else table.set(cluster, next)
    }
  }

  /** Writes at a position of a file, cluster by cluster where they do not lie side by side. */
  async #write(chain: readonly number[], position: number, bytes: Uint8Array): Promise<void> {
    const { clusterBytes } = this.#volume
    for (let done = 0; done < bytes.length;) {
      const index = Math.floor((position + done) / clusterBytes)
      const first = chain[index] ?? 0
      let count = 1
      while (chain[index + count] === first + count) count += 1
      const start = position + done - index * clusterBytes
      const part = bytes.subarray(done, done + count * clusterBytes - start)
      await this.#image.write(clusterAt(this.#volume, first) + start, part)
      done += part.length
    }
  }
}
