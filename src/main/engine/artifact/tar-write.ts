import { BLOCK_BYTES, type TarEntry, encodeTarHeader, paddedSize } from './tar-header.ts'

/** The two zero blocks that end a tar. */
export const TAR_END = new Uint8Array(2 * BLOCK_BYTES)

/** The zeros that fill the last block of `sizeBytes` of content. */
export function paddingFor(sizeBytes: number): Uint8Array {
  return new Uint8Array(paddedSize(sizeBytes) - sizeBytes)
}

/** One entry with its content and padding; the entry's size is the content's. */
export function tarEntry(entry: Omit<TarEntry, 'sizeBytes'>, content: Uint8Array): Uint8Array {
  return joinBytes([encodeTarHeader({ ...entry, sizeBytes: content.length }), content, paddingFor(content.length)])
}

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
