import { AppError } from '../../contract/errors.ts'
import { type ReadImage, bytesOf } from '../image/image-bytes.ts'

/** A file in a zip. */
export interface ZipEntry {
  name: string
  /** How it is stored: 0 as it is, 8 deflated. */
  method: number
  crc: number
  storedBytes: number
  sizeBytes: number
  /** Where its content begins. */
  startsAt: number
}

const EOCD = { signature: 0x06054b50, bytes: 22, commentMax: 65_535 } as const
const ZIP64 = { locator: 0x07064b50, locatorBytes: 20, end: 0x06064b50, endBytes: 56 } as const
const CENTRAL = { signature: 0x02014b50, bytes: 46 } as const
const LOCAL = { signature: 0x04034b50, bytes: 30 } as const
/** Nobody packs an image with more around it. */
const DIRECTORY_MAX_BYTES = 16 << 20
const ENCRYPTED = 1
const IS_64 = 0xffff_ffff

function badZip(path: string, message: string): AppError {
  return new AppError('ARTIFACT_INVALID', `${path}: ${message}`, 'Fetch it again, or pack it anew.')
}

/** The files of a zip (APPNOTE 6.3), by its central directory. ARTIFACT_INVALID when that cannot be read. */
export async function zipEntries(read: ReadImage, sizeBytes: number, path: string): Promise<ZipEntry[]> {
  const { at, length } = await directoryOf(read, sizeBytes, path)
  if (length > DIRECTORY_MAX_BYTES || at + length > sizeBytes) throw badZip(path, 'its directory is damaged')
  const view = await read(at, length)
  const entries: ZipEntry[] = []
  for (let offset = 0; offset + CENTRAL.bytes <= view.byteLength;) {
    if (view.getUint32(offset, true) !== CENTRAL.signature) break
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => view.getUint16(offset + field, true))
    const nameAt = offset + CENTRAL.bytes
    const extraAt = nameAt + (nameBytes ?? 0)
    const next = extraAt + (extraBytes ?? 0) + (commentBytes ?? 0)
    if (next > view.byteLength) throw badZip(path, 'its directory is cut short')
    const name = new TextDecoder().decode(bytesOf(view).subarray(nameAt, extraAt))
    if ((view.getUint16(offset + 8, true) & ENCRYPTED) !== 0) throw badZip(path, `${name} is encrypted`)
    const sizes = sizesOf(view, { offset, extraAt, extraEnd: extraAt + (extraBytes ?? 0) })
    const startsAt = await contentOf(read, sizes.headerAt, path)
    const [method, crc] = [view.getUint16(offset + 10, true), view.getUint32(offset + 16, true)]
    entries.push({ name, method, crc, storedBytes: sizes.storedBytes, sizeBytes: sizes.sizeBytes, startsAt })
    offset = next
  }
  return entries
}

/** Where the central directory lies (4.3.16, and 4.3.14 for those of more than 4 GiB). */
async function directoryOf(read: ReadImage, sizeBytes: number, path: string): Promise<{ at: number; length: number }> {
  const tailAt = Math.max(0, sizeBytes - EOCD.bytes - EOCD.commentMax)
  const tail = await read(tailAt, sizeBytes - tailAt)
  for (let at = tail.byteLength - EOCD.bytes; at >= 0; at--) {
    if (tail.getUint32(at, true) !== EOCD.signature) continue
    const [length, start] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)]
    return length === IS_64 || start === IS_64 ? directoryOf64(read, tailAt + at - ZIP64.locatorBytes, path) : { at: start, length }
  }
  throw badZip(path, 'it is no zip')
}

async function directoryOf64(read: ReadImage, locatorAt: number, path: string): Promise<{ at: number; length: number }> {
  const locator = locatorAt < 0 ? null : await read(locatorAt, ZIP64.locatorBytes)
  if (locator?.byteLength !== ZIP64.locatorBytes || locator.getUint32(0, true) !== ZIP64.locator) throw badZip(path, 'its end is damaged')
  const end = await read(Number(locator.getBigUint64(8, true)), ZIP64.endBytes)
  if (end.byteLength < ZIP64.endBytes || end.getUint32(0, true) !== ZIP64.end) throw badZip(path, 'its end is damaged')
  return { length: Number(end.getBigUint64(40, true)), at: Number(end.getBigUint64(48, true)) }
}

interface Places {
  offset: number
  extraAt: number
  extraEnd: number
}

/** The sizes of an entry: where a field is full, the extra field 1 has it with 64 bits, in this order (4.5.3). */
function sizesOf(view: DataView, { offset, extraAt, extraEnd }: Places): { sizeBytes: number; storedBytes: number; headerAt: number } {
  let wideAt = extraAt
  let wideEnd = extraAt
  for (let at = extraAt; at + 4 <= extraEnd;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    if (id === 1) [wideAt, wideEnd] = [at + 4, Math.min(at + 4 + length, extraEnd)]
    at += 4 + length
  }
  const field = (value: number): number => {
    if (value !== IS_64 || wideAt + 8 > wideEnd) return value
    wideAt += 8
    return Number(view.getBigUint64(wideAt - 8, true))
  }
  const sizeBytes = field(view.getUint32(offset + 24, true))
  const storedBytes = field(view.getUint32(offset + 20, true))
  return { sizeBytes, storedBytes, headerAt: field(view.getUint32(offset + 42, true)) }
}

async function contentOf(read: ReadImage, headerAt: number, path: string): Promise<number> {
  const header = await read(headerAt, LOCAL.bytes)
  if (header.byteLength < LOCAL.bytes || header.getUint32(0, true) !== LOCAL.signature) throw badZip(path, 'a file in it is damaged')
  return headerAt + LOCAL.bytes + header.getUint16(26, true) + header.getUint16(28, true)
}
