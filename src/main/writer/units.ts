import { WriterFailure } from './failure.ts'
import { CHUNK_BYTES, SEAL_BYTES } from './protocol.ts'

/** A part of the image that is read, written and verified as one: CHUNK_BYTES at most. */
export interface Unit {
  start: number
  end: number
}

/** One of those that the image is cut into, with the checksum of it there where that is known. */
export interface ImageUnit extends Unit {
  crc: number | null
}

/** What was written at once, with the checksum of the image there. */
export interface WrittenUnit extends Unit {
  crc: number
}

/**
 * The ranges cut at multiples of CHUNK_BYTES, without what is held back, each part with the next of the known sums. Throws `protocol` for
 * ranges that are out of order, or begin or, but for the last, end inside a block of the device; `too-small` for one that has no room there.
 */
export async function* unitsOf(
  batches: AsyncIterable<readonly (readonly [number, number])[]>,
  { roomBytes, blockBytes, sums }: { roomBytes: number; blockBytes: number; sums: readonly number[] },
): AsyncGenerator<ImageUnit, void, void> {
  let last = 0
  let count = 0
  for await (const batch of batches)
    for (const [start, end] of batch) {
      if (start < last || start >= end || start % blockBytes !== 0 || last % blockBytes !== 0)
        throw new WriterFailure('protocol', `refused: the range ${start}-${end}`)
      if (end > roomBytes) throw new WriterFailure('too-small', `the image has more than the ${roomBytes} bytes that there are for it`)
      last = end
      for (let at = Math.max(start, SEAL_BYTES); at < end;) {
        const next = Math.min(end, (Math.floor(at / CHUNK_BYTES) + 1) * CHUNK_BYTES)
        yield { start: at, end: next, crc: sums[count] ?? null }
        count += 1
        at = next
      }
    }
}

/** Of what TypeScript's types of Node.js leave out. */
declare const WebAssembly: { Memory: new (limits: { initial: number; maximum: number }) => { buffer: ArrayBuffer } }

/** Gives a buffer of CHUNK_BYTES for direct I/O: it begins at a page, as the memory of WebAssembly does and other buffers do not. */
export type AlignedBuffer = () => Uint8Array<ArrayBuffer>

/** Hands out `count` of them; throws when there are no more. */
export function alignedBuffers(count: number): AlignedBuffer {
  const pages = (count * CHUNK_BYTES) / WASM_PAGE_BYTES
  const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages })
  let used = 0
  return () => {
    used += 1
    return new Uint8Array(buffer, (used - 1) * CHUNK_BYTES, CHUNK_BYTES)
  }
}

const WASM_PAGE_BYTES = 65_536

/** The parts of `wanted` that are not in `found`, in multiples of `grainBytes`, the last one shorter; neighbours as one. */
export function* differences(wanted: Uint8Array, found: Uint8Array, grainBytes: number): Generator<Unit, void, void> {
  let start = -1
  for (let at = 0; at < wanted.length; at += grainBytes) {
    const end = Math.min(at + grainBytes, wanted.length)
    const isSame = Buffer.compare(wanted.subarray(at, end), found.subarray(at, end)) === 0
    if (!isSame && start < 0) start = at
    if (isSame && start >= 0) {
      yield { start, end: at }
      start = -1
    }
  }
  if (start >= 0) yield { start, end: wanted.length }
}
