import { invalid, quoted } from '../invalid.ts'

/**
 * The payload of a delta artifact: lines of ASCII, each ended by a newline, so that a shell can read it as it arrives:
 *
 *     otabench-delta 1 BLOCK_BYTES BASE_BYTES BASE_SHA256 IMAGE_BYTES
 *     copy BLOCK COUNT                    COUNT blocks of the base from BLOCK on
 *     zero COUNT                          COUNT blocks of zeros
 *     data FRAME CONTENT BLOCK COUNT …    FRAME bytes follow the newline: a zstd frame of CONTENT bytes, made against the blocks
 *                                         of the base that are listed, one after the other (`zstd -d --patch-from`)
 *     end IMAGE_SHA256
 *
 * What the lines between first and last make, one after the other, is the image. The base is the image in the active slot, without
 * what the partition has behind it.
 */
export const PATCH_VERSION = 1

/** The payload type of such an artifact, which is the name of the update module that installs it. */
export const DELTA_PAYLOAD = 'otabench-delta'

/** What a device keeps in memory for one frame: its content and what it was made against. */
export const CONTENT_BYTES_MAX = 2 << 20
export const REFERENCE_BYTES_MAX = 4 << 20

/** Above this, blocks of a file system have 4096 bytes; below, mke2fs makes them of 1024, and files move by as little. */
const SMALL_BASE_BYTES = 2 ** 31

export function blockBytesFor(baseBytes: number): number {
  return baseBytes < SMALL_BASE_BYTES ? 1024 : 4096
}

/** Each extent is one program started on the device. */
export const EXTENTS_MAX = 64

/** Blocks of the base, `count` from `block` on. */
export interface Extent {
  block: number
  count: number
}

export interface PatchHead {
  blockBytes: number
  baseBytes: number
  baseSha256: string
  imageBytes: number
}

export type PatchOperation =
  | ({ kind: 'copy' } & Extent)
  | { kind: 'zero'; count: number }
  | { kind: 'data'; frameBytes: number; contentBytes: number; reference: Extent[] }
  | { kind: 'end'; imageSha256: string }

const encoder = new TextEncoder()
const line = (words: readonly (string | number)[]): Uint8Array => encoder.encode(`${words.join(' ')}\n`)

export function encodeHead({ blockBytes, baseBytes, baseSha256, imageBytes }: PatchHead): Uint8Array {
  return line([DELTA_PAYLOAD, PATCH_VERSION, blockBytes, baseBytes, baseSha256, imageBytes])
}

export function encodeOperation(operation: PatchOperation): Uint8Array {
  const { kind } = operation
  if (kind === 'copy') return line([kind, operation.block, operation.count])
  if (kind === 'zero') return line([kind, operation.count])
  if (kind === 'end') return line([kind, operation.imageSha256])
  const reference = operation.reference.flatMap(({ block, count }) => [block, count])
  return line([kind, operation.frameBytes, operation.contentBytes, ...reference])
}

/** A line may not be longer, in bytes. */
export const LINE_BYTES_MAX = 2048

const BLOCK_SIZES = [1024, 4096]
const SHA256 = /^[0-9a-f]{64}$/

/** The first line, without its newline. ARTIFACT_INVALID when it is anything else. */
export function parseHead(text: string): PatchHead {
  const [name, version, block, base, sha256 = '', image, ...rest] = text.split(' ')
  if (name !== DELTA_PAYLOAD) throw invalid('the patch does not begin as one')
  if (version !== String(PATCH_VERSION)) {
    throw invalid(`the patch is of version ${quoted(version ?? '')}, not ${PATCH_VERSION}`, 'Update this program.')
  }
  const [blockBytes = 0, baseBytes = 0, imageBytes = 0] = numbers([block, base, image]) ?? []
  if (!SHA256.test(sha256) || rest.length > 0 || !BLOCK_SIZES.includes(blockBytes) || imageBytes < 1) throw malformed(text)
  return { blockBytes, baseBytes, baseSha256: sha256, imageBytes }
}

/** Any other line. ARTIFACT_INVALID when a writer of this format could not have made it. */
export function parseOperation(text: string, blockBytes: number): PatchOperation {
  const [kind = '', ...words] = text.split(' ')
  if (kind === 'end' && words.length === 1 && SHA256.test(words[0] ?? '')) return { kind, imageSha256: words[0] ?? '' }
  const parsed = makingOf(kind, numbers(words) ?? [], REFERENCE_BYTES_MAX / blockBytes)
  if (parsed === null) throw malformed(text)
  return parsed
}

function makingOf(kind: string, found: readonly number[], referenceBlocksMax: number): PatchOperation | null {
  const [first = 0, second = 0, ...extents] = found
  if (kind === 'zero') return found.length === 1 && first > 0 ? { kind, count: first } : null
  if (kind === 'copy') return found.length === 2 && second > 0 ? { kind, block: first, count: second } : null
  const reference = extentsOf(extents, referenceBlocksMax)
  return kind === 'data' && reference !== null && isFrame(first, second)
    ? { kind, frameBytes: first, contentBytes: second, reference }
    : null
}

/** zstd makes nothing longer by more than a hundredth and a few bytes. */
function isFrame(frameBytes: number, contentBytes: number): boolean {
  return contentBytes > 0 && contentBytes <= CONTENT_BYTES_MAX && frameBytes > 0 && frameBytes <= contentBytes * 1.01 + 64
}

function extentsOf(found: readonly number[], blocksMax: number): Extent[] | null {
  const extents = Array.from({ length: Math.ceil(found.length / 2) }, (_, at) => ({
    block: found[2 * at] ?? 0,
    count: found[2 * at + 1] ?? 0,
  }))
  const blocks = extents.reduce((sum, { count }) => sum + count, 0)
  const isSound = extents.length <= EXTENTS_MAX && blocks <= blocksMax && extents.every(({ count }) => count > 0)
  return isSound ? extents : null
}

/** null unless every word is a whole number that a double holds. */
function numbers(words: readonly (string | undefined)[]): number[] | null {
  return words.every((word) => word !== undefined && /^(0|[1-9]\d{0,14})$/.test(word)) ? words.map(Number) : null
}

function malformed(text: string) {
  return invalid(`the patch has a line that says nothing: ${quoted(text.slice(0, 80))}`)
}
