import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { AppError } from '../../../contract/errors.ts'
import { blocksOf } from '../blocks.ts'
import { joinBytes } from '../tar-write.ts'
import type { BaseIndex } from './base-index.ts'
import { type Base, BlockMatcher, UNKNOWN } from './match-blocks.ts'
import { CONTENT_BYTES_MAX, type Extent, REFERENCE_BYTES_MAX, encodeHead, encodeOperation } from './patch-format.ts'
import { type Wanting, referenceFor } from './reference.ts'
import { type Segment, segmentsOf } from './segments.ts'

const zstd = promisify(zstdCompress)

const FRAMES_IN_FLIGHT = 2

/** The bytes that open a dictionary with tables of its own (RFC 8878, 5): what begins so would not be taken as plain content. */
const DICTIONARY_MAGIC = 0xec30a437

/**
 * The longest search, over tables that are kept small: level 19's own take 80 MiB, twice, and gain two per cent where all is new. The
 * window is as long as the content: what a frame is made against stays in reach all the same (RFC 8878, 5).
 */
const ZSTD_PARAMS = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: 21,
  [constants.ZSTD_c_hashLog]: 19,
  [constants.ZSTD_c_chainLog]: 20,
  [constants.ZSTD_c_checksumFlag]: 1,
}

/** How many bytes of the image come from where, and what an image cost. */
export interface PatchFigures {
  copiedBytes: number
  zeroBytes: number
  /** Bytes of the image that are in frames. */
  framedBytes: number
  frames: number
  imageSha256: string
}

export interface PatchInput {
  base: Base
  baseSha256: string
  index: BaseIndex
  imageBytes: number
  /** The whole image. A chunk may be reused after the next is asked for. */
  image: AsyncIterable<Uint8Array>
  signal?: AbortSignal | undefined
  onProgress?: ((doneBytes: number) => void) | undefined
}

/** Bytes of the patch, or a frame that is still being compressed. */
type Piece = { bytes: Uint8Array } | { frame: Promise<Uint8Array> }

/** The patch that makes `image` of a base (see patch-format.ts), always to the same bytes. CONFLICT when the image has another length. */
export async function* makePatch(input: PatchInput, onEnd: (figures: PatchFigures) => void): AsyncGenerator<Uint8Array, void, void> {
  const writer = new PatchWriter(input)
  const { baseBytes, blockBytes } = input.index
  const queue: Piece[] = [{ bytes: encodeHead({ ...input, baseBytes, blockBytes }) }]
  try {
    for await (const window of blocksOf(input.image, { blockBytes: CONTENT_BYTES_MAX, inFlight: 0 })) {
      if (input.signal?.aborted) throw new AppError('CANCELLED', 'Cancelled', '', input.signal.reason)
      for await (const piece of writer.take(window)) {
        queue.push(piece)
        while (queue.length >= FRAMES_IN_FLIGHT) yield* await nextOf(queue)
      }
      input.onProgress?.(writer.doneBytes)
    }
    queue.push({ bytes: writer.end() })
    while (queue.length > 0) yield* await nextOf(queue)
    onEnd(writer.figures)
  } finally {
    // A reader that stops early leaves frames in flight; nobody will ask how they ended.
    await Promise.allSettled(queue.flatMap((piece) => ('frame' in piece ? [piece.frame] : [])))
  }
}

/** Taken out of the queue only when it is there, so that whoever stops waits for it. */
async function nextOf(queue: Piece[]): Promise<Uint8Array[]> {
  const [piece] = queue
  if (!piece) return []
  const bytes = 'frame' in piece ? await piece.frame : piece.bytes
  queue.splice(0, 1)
  return [bytes]
}

const frameMemory = () => ({ content: new Uint8Array(CONTENT_BYTES_MAX), reference: new Uint8Array(REFERENCE_BYTES_MAX) })

function copyInto(memory: Uint8Array, bytes: Uint8Array): Uint8Array {
  memory.set(bytes)
  return memory.subarray(0, bytes.length)
}

/** Turns windows of an image into pieces of its patch. */
class PatchWriter {
  readonly #input: PatchInput
  readonly #blockBytes: number
  readonly #matcher: BlockMatcher
  /** Filled in turn: the one before is still being compressed. */
  readonly #memory = Array.from({ length: FRAMES_IN_FLIGHT }, frameMemory)
  readonly #hash = createHash('sha256')
  readonly figures: PatchFigures = { copiedBytes: 0, zeroBytes: 0, framedBytes: 0, frames: 0, imageSha256: '' }
  /** A copy or zeros that the next window may go on with. */
  #open: Exclude<Segment, { kind: 'data' }> | null = null
  #before = UNKNOWN
  doneBytes = 0

  constructor(input: PatchInput) {
    this.#input = input
    this.#blockBytes = input.index.blockBytes
    this.#matcher = new BlockMatcher(input.index, input.base)
  }

  async *take(window: Uint8Array): AsyncGenerator<Piece, void, void> {
    this.#hash.update(window)
    const sources = await this.#matcher.match(window)
    for (const segment of withRest(
      segmentsOf(sources, this.#blockBytes),
      window.length - sources.length * this.#blockBytes,
      sources.length,
    )) {
      if (segment.kind === 'data') {
        yield* this.#close()
        const frame = this.#frame(segment, window, sources)
        // Its failure is met when its turn comes.
        frame.catch(() => undefined)
        yield { frame }
      } else if (this.#open && continues(this.#open, segment)) this.#open.count += segment.count
      else {
        yield* this.#close()
        this.#open = { ...segment }
      }
    }
    this.#before = sources.at(-1) ?? UNKNOWN
    this.doneBytes += window.length
  }

  end(): Uint8Array {
    const { imageBytes } = this.#input
    if (this.doneBytes !== imageBytes) {
      throw new AppError(
        'CONFLICT',
        `The image has ${this.doneBytes} bytes where ${imageBytes} were expected`,
        'Let it rest and try again.',
      )
    }
    this.figures.imageSha256 = this.#hash.digest('hex')
    return joinBytes(
      [...this.#close()].map(({ bytes }) => bytes).concat(encodeOperation({ kind: 'end', imageSha256: this.figures.imageSha256 })),
    )
  }

  *#close(): Generator<{ bytes: Uint8Array }, void, void> {
    const open = this.#open
    if (!open) return
    this.#open = null
    const { kind, source, count } = open
    this.figures[kind === 'copy' ? 'copiedBytes' : 'zeroBytes'] += count * this.#blockBytes
    yield { bytes: encodeOperation(kind === 'copy' ? { kind, block: source, count } : { kind, count }) }
  }

  async #frame({ start, count }: { start: number; count: number }, window: Uint8Array, sources: Int32Array): Promise<Uint8Array> {
    const memory = this.#memory[this.figures.frames % FRAMES_IN_FLIGHT] ?? frameMemory()
    const content = copyInto(memory.content, window.subarray(start * this.#blockBytes, (start + count) * this.#blockBytes))
    this.figures.framedBytes += content.length
    this.figures.frames += 1
    const wanting: Wanting = {
      content,
      position: this.doneBytes / this.#blockBytes + start,
      sources: sources.subarray(start, start + count),
      before: start === 0 ? this.#before : (sources[start - 1] ?? UNKNOWN),
      behind: sources[start + count] ?? UNKNOWN,
    }
    const extents = referenceFor(wanting, this.#input.index)
    return this.#compressed(content, extents, await this.#held(extents, memory.reference))
  }

  async #compressed(content: Uint8Array, extents: readonly Extent[], held: Uint8Array): Promise<Uint8Array> {
    const isPlain = held.length > 0 && new DataView(held.buffer).getUint32(0, true) !== DICTIONARY_MAGIC
    const dictionary = isPlain ? { dictionary: held } : {}
    const frame = await zstd(content, { params: ZSTD_PARAMS, pledgedSrcSize: content.length, ...dictionary })
    const reference = isPlain ? [...extents] : []
    return joinBytes([encodeOperation({ kind: 'data', frameBytes: frame.length, contentBytes: content.length, reference }), frame])
  }

  async #held(extents: readonly Extent[], memory: Uint8Array): Promise<Uint8Array> {
    const bytes = memory.subarray(0, extents.reduce((sum, { count }) => sum + count, 0) * this.#blockBytes)
    let at = 0
    for (const { block, count } of extents) {
      await this.#input.base.read(bytes.subarray(at, at + count * this.#blockBytes), block * this.#blockBytes)
      at += count * this.#blockBytes
    }
    return bytes
  }
}

function continues(open: Exclude<Segment, { kind: 'data' }>, next: Segment): boolean {
  return next.kind === open.kind && (next.kind === 'zero' || (next.kind === 'copy' && next.source === open.source + open.count))
}

/** What follows the last whole block of the image goes into a frame, with its last part when that is one. */
function withRest(segments: Segment[], restBytes: number, blocks: number): Segment[] {
  if (restBytes === 0) return segments
  const last = segments.at(-1)
  if (last?.kind === 'data') return [...segments.slice(0, -1), { ...last, count: last.count + 1 }]
  return [...segments, { kind: 'data', start: blocks, count: 1 }]
}
