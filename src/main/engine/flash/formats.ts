import type { FlashSource } from '../../contract/flash.ts'

/** The first bytes of each format. */
const MAGIC: readonly [FlashSource['format'], readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
]

const TAR_MAGIC_AT = 257

/** How many bytes `formatOf` looks at. */
export const FORMAT_BYTES = 512

/** How an image is packed, by its first bytes: what is none of these is a raw one. */
export function formatOf(front: Uint8Array): FlashSource['format'] {
  const found = MAGIC.find(([, magic]) => magic.every((byte, at) => front[at] === byte))
  if (found) return found[0]
  const text = (at: number, length: number): string => String.fromCharCode(...front.subarray(at, at + length))
  return front.length === FORMAT_BYTES && text(TAR_MAGIC_AT, 5) === 'ustar' && text(0, 8) === 'version\0' ? 'artifact' : 'raw'
}
