import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { AppError } from '../../../contract/errors.ts'
import { ByteReader } from '../byte-reader.ts'
import { invalid } from '../invalid.ts'
import type { Base } from './match-blocks.ts'
import { type Extent, LINE_BYTES_MAX, type PatchHead, type PatchOperation, parseHead, parseOperation } from './patch-format.ts'

const unzstd = promisify(zstdDecompress)

const PIECE_BYTES = 256 * 1024

/**
 * The image that a patch makes of a base, as it is made; what the update module does on a device. Before anything comes out, the base
 * is held against its checksum: VERIFY_FAILED. At the end the image is: ARTIFACT_INVALID, as for a patch that is damaged.
 */
export async function* applyPatch(patch: AsyncIterable<Uint8Array>, base: Base): AsyncGenerator<Uint8Array, void, void> {
  const bytes = new ByteReader(patch, 'the patch')
  try {
    const head = parseHead(await readLine(bytes))
    await checkBase(base, head)
    yield* imageOf(bytes, base, head)
  } finally {
    await bytes.close()
  }
}

async function* imageOf(bytes: ByteReader, base: Base, head: PatchHead): AsyncGenerator<Uint8Array, void, void> {
  const { imageBytes, blockBytes } = head
  const hash = createHash('sha256')
  let made = 0
  for (;;) {
    const operation = parseOperation(await readLine(bytes), blockBytes)
    if (operation.kind === 'end') {
      if (made !== imageBytes) throw invalid(`the patch makes ${made} bytes of an image of ${imageBytes}`)
      if (hash.digest('hex') !== operation.imageSha256) throw invalid('the image that the patch made has another checksum than it names')
      if (!(await bytes.isAtEnd())) throw invalid('the patch goes on after its end')
      return
    }
    if (made + lengthOf(operation, blockBytes) > imageBytes) throw invalid(`the patch makes more than the ${imageBytes} bytes of its image`)
    for await (const piece of contentOf(operation, bytes, { ...head, base })) {
      hash.update(piece)
      made += piece.length
      yield piece
    }
  }
}

type Making = Exclude<PatchOperation, { kind: 'end' }>

function lengthOf(operation: Making, blockBytes: number): number {
  return operation.kind === 'data' ? operation.contentBytes : operation.count * blockBytes
}

type BoundedBase = Pick<PatchHead, 'baseBytes' | 'blockBytes'> & { base: Base }

async function* contentOf(operation: Making, bytes: ByteReader, bounded: BoundedBase): AsyncGenerator<Uint8Array, void, void> {
  if (operation.kind === 'data') {
    const frame = (await bytes.read(operation.frameBytes, 'a frame')).slice()
    yield await expand(frame, operation, await blocksOfBase(operation.reference, bounded))
    return
  }
  const perPiece = PIECE_BYTES / bounded.blockBytes
  for (let at = 0; at < operation.count; at += perPiece) {
    const count = Math.min(perPiece, operation.count - at)
    if (operation.kind === 'zero') yield new Uint8Array(count * bounded.blockBytes)
    else yield await blocksOfBase([{ block: operation.block + at, count }], bounded)
  }
}

async function expand(frame: Uint8Array, { contentBytes }: { contentBytes: number }, reference: Uint8Array): Promise<Uint8Array> {
  const dictionary = reference.length > 0 ? { dictionary: reference } : {}
  try {
    const content = await unzstd(frame, { maxOutputLength: contentBytes, ...dictionary })
    if (content.length === contentBytes) return content
  } catch (thrown) {
    throw invalid('the patch has a frame that cannot be expanded', undefined, thrown)
  }
  throw invalid('the patch has a frame of another length than it says')
}

async function blocksOfBase(extents: readonly Extent[], { base, baseBytes, blockBytes }: BoundedBase): Promise<Uint8Array> {
  const bytes = new Uint8Array(extents.reduce((sum, { count }) => sum + count, 0) * blockBytes)
  let at = 0
  for (const { block, count } of extents) {
    if ((block + count) * blockBytes > baseBytes)
      throw invalid(`the patch refers to what is behind the end of its base of ${baseBytes} bytes`)
    await base.read(bytes.subarray(at, at + count * blockBytes), block * blockBytes)
    at += count * blockBytes
  }
  return bytes
}

async function checkBase(base: Base, { baseBytes, baseSha256 }: PatchHead): Promise<void> {
  const hash = createHash('sha256')
  const piece = new Uint8Array(PIECE_BYTES)
  for (let position = 0; position < baseBytes;) {
    const read = await base.read(piece.subarray(0, Math.min(piece.length, baseBytes - position)), position)
    if (read === 0) break
    hash.update(piece.subarray(0, read))
    position += read
  }
  if (hash.digest('hex') === baseSha256) return
  throw new AppError(
    'VERIFY_FAILED',
    `The active slot does not hold the image ${baseSha256}: it was changed since it was installed (mounted read-write?)`,
    'Install the full artifact.',
  )
}

async function readLine(bytes: ByteReader): Promise<string> {
  let text = ''
  while (text.length <= LINE_BYTES_MAX) {
    const [code = 0] = await bytes.read(1, 'a line')
    if (code === 0x0a) return text
    text += String.fromCharCode(code)
  }
  throw invalid(`the patch has a line of more than ${LINE_BYTES_MAX} bytes`)
}
