import { AppError } from '../../contract/errors.ts'
import type { HostFile } from '../host.ts'
import { inMemory } from '../image/image-bytes.ts'
import { readVolumeFacts } from '../image/volume-facts.ts'
import { readerOf } from '../lib/image-file.ts'
import { signatureOf } from '../safety/signatures.ts'
import { frontOf } from './unpack.ts'
import { type ZipEntry, zipEntries } from './zip.ts'

const IMAGE_NAME = /\.(img|wic|sdimg|iso|raw|bin|ext[234]|rpi-sdimg)$/i
/** All marks of file systems lie before. */
const LOOKED_AT_BYTES = 512 * 1024
/** At the end of the first sector, where there is a partition table or a boot sector. */
const BOOT_MARK = { at: 510, value: 0xaa55 } as const

export interface ZippedImage {
  image: ZipEntry
  bmap: ZipEntry | null
}

/** The image in a zip, and its block map. BAD_INPUT when there is none, or more than one. */
export async function imageInZip(file: HostFile, path: string): Promise<ZippedImage> {
  const entries = await zipEntries(readerOf(file), await file.sizeBytes(), path)
  const files = entries.filter(({ name }) => !name.endsWith('/') && !name.startsWith('__MACOSX/'))
  const bmaps = files.filter(({ name }) => name.endsWith('.bmap'))
  const others = files.filter((entry) => !bmaps.includes(entry))
  const named = others.filter(({ name }) => IMAGE_NAME.test(name))
  const [image, ...more] = named.length > 0 ? named : others
  if (!image || more.length > 0) {
    const names = [image, ...more].flatMap((entry) => (entry ? [entry.name] : [])).join(', ')
    const message = image ? `${path} holds several images: ${names}` : `${path} holds no image`
    throw new AppError('BAD_INPUT', message, 'Unpack the one that is meant.')
  }
  if (named.length === 0 && image.sizeBytes > 0) await refuseOther(image, file, path)
  return { image, bmap: bmaps.length === 1 ? (bmaps[0] ?? null) : null }
}

/** What has not the name of an image has to begin as one. */
async function refuseOther(entry: ZipEntry, file: HostFile, path: string): Promise<void> {
  const front = await frontOf(entry, { path, file, length: LOOKED_AT_BYTES })
  if (await isDisk(front)) return
  const message = `${path} holds ${entry.name}, which is no image: it begins with neither a partition table nor a known file system`
  throw new AppError('BAD_INPUT', message, 'Choose another file. If it is one all the same, pack it anew with a name that ends in .img.')
}

async function isDisk(front: Uint8Array): Promise<boolean> {
  const view = new DataView(front.buffer, front.byteOffset, front.byteLength)
  if (front.length > BOOT_MARK.at + 1 && view.getUint16(BOOT_MARK.at, true) === BOOT_MARK.value) return true
  const read = inMemory(front)
  return (await readVolumeFacts(read)) !== null || (await signatureOf(read, front.length)) !== ''
}
