import { crc32 } from 'node:zlib'
import { badImage } from './image-bytes.ts'

/** A script of U-Boot in its legacy image format (boot.scr): a header of 64 bytes, the size of the text, zero, the text. */
const MAGIC = 0x2705_1956
const HEADER_BYTES = 64
const FIT_MAGIC = 0xd00d_feed
const LINUX = 5
const ARM = 2
const SCRIPT = 6

/** What mkimage -T script would make of a text. */
export function encodeBootScript(text: string, { name, madeAt }: { name: string; madeAt: number }): Uint8Array<ArrayBuffer> {
  const content = Buffer.from(text)
  const bytes = new Uint8Array(HEADER_BYTES + 8 + content.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(HEADER_BYTES, content.length)
  bytes.set(content, HEADER_BYTES + 8)
  const data = bytes.subarray(HEADER_BYTES)
  for (const [at, value] of [
    [0, MAGIC],
    [8, Math.floor(madeAt / 1000)],
    [12, data.length],
    [24, crc32(data)],
  ] as const)
    view.setUint32(at, value)
  bytes.set([LINUX, ARM, SCRIPT, 0], 28)
  bytes.set(Buffer.from(name).subarray(0, 31), 32)
  view.setUint32(4, crc32(bytes.subarray(0, HEADER_BYTES)))
  return bytes
}

/** The text of a script. ARTIFACT_INVALID for one that is damaged or of the newer FIT format. */
export function decodeBootScript(bytes: Uint8Array, path: string): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const magic = bytes.length > HEADER_BYTES + 8 ? view.getUint32(0) : 0
  if (magic === FIT_MAGIC) throw badImage(`${path} is a FIT image`, 'Make it with mkimage -T script.')
  const sizeBytes = magic === MAGIC ? view.getUint32(12) : 0
  const data = bytes.subarray(HEADER_BYTES, HEADER_BYTES + sizeBytes)
  const textBytes = sizeBytes > 8 ? view.getUint32(HEADER_BYTES) : 0
  if (magic !== MAGIC || bytes[30] !== SCRIPT || data.length < sizeBytes || crc32(data) !== view.getUint32(24) || textBytes > sizeBytes - 8)
    throw badImage(`${path} is no boot script of U-Boot, or it is damaged`, 'Make it with mkimage -T script.')
  return Buffer.from(data.subarray(8, 8 + textBytes)).toString()
}
