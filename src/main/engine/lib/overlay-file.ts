import type { HostFile } from '../host.ts'

/** Small enough that a changed byte keeps little, large enough that a gigabyte of changes is kept track of in a few MB. */
const BLOCK_BYTES = 4096

interface OverlayParts {
  base: Pick<HostFile, 'read'>
  /** The part of `base` that is looked at. */
  startsAt: number
  sizeBytes: number
  /** An empty file for what is written. */
  changes: Pick<HostFile, 'read' | 'write'>
}

/** A part of a file as if it could be changed: what is written goes, by blocks, to another file, and is read from there. */
export class OverlayFile implements Pick<HostFile, 'read' | 'write' | 'sizeBytes'> {
  readonly #parts: OverlayParts
  readonly #changed = new Set<number>()

  constructor(parts: OverlayParts) {
    this.#parts = parts
  }

  sizeBytes(): Promise<number> {
    return Promise.resolve(this.#parts.sizeBytes)
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const end = Math.min(position + into.length, this.#parts.sizeBytes)
    for (let at = position; at < end;) {
      const isChanged = this.#changed.has(blockOf(at))
      let runEnd = at
      while (runEnd < end && this.#changed.has(blockOf(runEnd)) === isChanged) runEnd = Math.min(end, endOfBlock(runEnd))
      const { base, startsAt, changes } = this.#parts
      const run = into.subarray(at - position, runEnd - position)
      const filled = await (isChanged ? changes.read(run, at) : base.read(run, startsAt + at))
      at += filled
      if (filled < run.length) return at - position
    }
    return Math.max(0, end - position)
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    const end = position + bytes.length
    if (bytes.length === 0) return
    for (const at of [position, end - 1]) await this.#keepRest(blockOf(at), { position, end })
    await this.#parts.changes.write(bytes, position)
    for (let block = blockOf(position); block <= blockOf(end - 1); block += 1) this.#changed.add(block)
  }

  /** Brings a block over of which only a part will be written. */
  async #keepRest(block: number, { position, end }: { position: number; end: number }): Promise<void> {
    const start = block * BLOCK_BYTES
    const blockEnd = Math.min(start + BLOCK_BYTES, this.#parts.sizeBytes)
    if (this.#changed.has(block) || (position <= start && end >= blockEnd)) return
    const whole = new Uint8Array(blockEnd - start)
    await this.#parts.base.read(whole, this.#parts.startsAt + start)
    await this.#parts.changes.write(whole, start)
    this.#changed.add(block)
  }
}

function blockOf(at: number): number {
  return Math.floor(at / BLOCK_BYTES)
}

function endOfBlock(at: number): number {
  return (blockOf(at) + 1) * BLOCK_BYTES
}
