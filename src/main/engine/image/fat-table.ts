import { badImage } from './image-bytes.ts'

/** Bits of an entry. */
export type FatWidth = 12 | 16 | 32

/** From this value on an entry ends its chain; the one below marks a bad cluster. */
const END: Record<FatWidth, number> = { 12: 0xff8, 16: 0xfff8, 32: 0x0fff_fff8 }

/** The file allocation table: for each cluster the one that follows it, 0 where it is free. */
export class FatTable {
  readonly bytes: Uint8Array
  readonly width: FatWidth
  readonly clusterCount: number
  readonly #view: DataView
  /** Sectors of 512 bytes that were changed. */
  readonly #changed = new Set<number>()

  constructor(bytes: Uint8Array, { width, clusterCount }: { width: FatWidth; clusterCount: number }) {
    this.bytes = bytes
    this.width = width
    this.clusterCount = clusterCount
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get(cluster: number): number {
    if (this.width === 32) return this.#view.getUint32(cluster * 4, true) & 0x0fff_ffff
    if (this.width === 16) return this.#view.getUint16(cluster * 2, true)
    const pair = this.#view.getUint16(cluster + (cluster >> 1), true)
    return cluster % 2 === 0 ? pair & 0xfff : pair >> 4
  }

  set(cluster: number, next: number): void {
    if (this.width === 32) return this.#put32(cluster * 4, next)
    if (this.width === 16) return this.#put16(cluster * 2, next)
    const at = cluster + (cluster >> 1)
    const pair = this.#view.getUint16(at, true)
    this.#put16(at, cluster % 2 === 0 ? (pair & 0xf000) | next : (pair & 0x000f) | (next << 4))
  }

  /** Ends a chain at this cluster. */
  setEnd(cluster: number): void {
    this.set(cluster, END[this.width] + 7)
  }

  /** The clusters of a chain, in order. ARTIFACT_INVALID when it is damaged or longer than `most`. */
  chain(first: number, most: number): number[] {
    const clusters: number[] = []
    for (let cluster = first; cluster < END[this.width]; cluster = this.get(cluster)) {
      if (cluster < 2 || cluster > this.clusterCount + 1)
        throw badImage(`FAT: the chain from cluster ${first} leads to cluster ${cluster}; there are ${this.clusterCount}`)
      if (clusters.length === most) throw badImage(`FAT: the chain from cluster ${first} is longer than its ${most} clusters`)
      clusters.push(cluster)
    }
    return clusters
  }

  countFree(): number {
    let count = 0
    for (let cluster = 2; cluster < this.clusterCount + 2; cluster++) if (this.get(cluster) === 0) count += 1
    return count
  }

  /** The free clusters from `from` on, then those before it. */
  *free(from: number): Generator<number, void, void> {
    for (let index = 0; index < this.clusterCount; index++) {
      const cluster = 2 + ((from - 2 + index) % this.clusterCount)
      if (this.get(cluster) === 0) yield cluster
    }
  }

  /** The parts that were changed since the last time, in the order of their places. */
  takeChanged(): { at: number; bytes: Uint8Array }[] {
    const parts = [...this.#changed]
      .toSorted((a, b) => a - b)
      .map((sector) => ({ at: sector * 512, bytes: this.bytes.subarray(sector * 512, (sector + 1) * 512) }))
    this.#changed.clear()
    return parts
  }

  #put16(at: number, value: number): void {
    this.#view.setUint16(at, value, true)
    this.#changed.add(at >> 9).add((at + 1) >> 9)
  }

  #put32(at: number, value: number): void {
    // The upper four bits of FAT32 belong to nobody and stay.
    this.#view.setUint32(at, (this.#view.getUint32(at, true) & 0xf000_0000) | value, true)
    this.#changed.add(at >> 9)
  }
}
