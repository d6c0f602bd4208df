import { createHash } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import { type ReadImage, bytesOf } from './image-bytes.ts'
import type { Range } from './ranges.ts'

/** Of blocks, with the checksum of their bytes in hexadecimal digits; null where none was made. */
export interface BmapRange extends Range {
  checksum: string | null
}

/** A block map as bmaptool keeps it beside an image: which blocks have to be written, and their checksums. */
export interface Bmap {
  imageBytes: number
  blockBytes: number
  checksumType: 'sha1' | 'sha256'
  /** In order, none overlapping. */
  ranges: BmapRange[]
}

const PIECE_BYTES = 1 << 20

/** Hears how many more blocks were read; what it throws ends the work. */
type OnBlocks = (count: number) => void

/** Reads the ranges of an image and makes its map. */
export async function makeBmap(
  read: ReadImage,
  { ranges, ...frame }: Pick<Bmap, 'imageBytes' | 'blockBytes'> & { ranges: readonly Range[] },
  onBlocks: OnBlocks,
): Promise<Bmap> {
  const bmap: Bmap = { ...frame, checksumType: 'sha256', ranges: [] }
  for (const range of ranges) bmap.ranges.push({ ...range, checksum: await checksumOf(read, range, { ...bmap, onBlocks }) })
  return bmap
}

/** VERIFY_FAILED when the image is not the one that the map was made of. */
export async function checkBmap(read: ReadImage, sizeBytes: number, bmap: Bmap, onBlocks: OnBlocks): Promise<void> {
  if (sizeBytes !== bmap.imageBytes) throw otherImage(`The image has ${sizeBytes} bytes; its map is of one with ${bmap.imageBytes}`)
  for (const range of bmap.ranges)
    if (range.checksum !== null && (await checksumOf(read, range, { ...bmap, onBlocks })) !== range.checksum)
      throw otherImage(`The blocks ${range.start} to ${range.end - 1} of the image are not those of its map`)
}

function otherImage(message: string): AppError {
  return new AppError('VERIFY_FAILED', message, 'Fetch the image and its map again, or make the map anew.')
}

/** Of the bytes of a range, as far as the image goes. */
async function checksumOf(
  read: ReadImage,
  { start, end }: Range,
  { blockBytes, checksumType, onBlocks }: Bmap & { onBlocks: OnBlocks },
): Promise<string> {
  const hash = createHash(checksumType)
  const atOnce = Math.max(1, PIECE_BYTES / blockBytes)
  for (let at = start; at < end; at += atOnce) {
    const count = Math.min(atOnce, end - at)
    hash.update(bytesOf(await read(at * blockBytes, count * blockBytes)))
    onBlocks(count)
  }
  return hash.digest('hex')
}

export function mappedBlockCount(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

/** Its text, format 2.0, the same for the same image. */
export function encodeBmap({ imageBytes, blockBytes, checksumType, ranges }: Bmap): string {
  const lines = ranges.map(({ start, end, checksum }) => {
    const attribute = checksum === null ? '' : ` chksum="${checksum}"`
    return `        <Range${attribute}> ${end - start === 1 ? start : `${start}-${end - 1}`} </Range>`
  })
  const none = '0'.repeat(createHash(checksumType).digest('hex').length)
  const text = [
    '<?xml version="1.0" ?>',
    '<!-- The blocks of an image that have to be written. The checksum of this file is made with zeros in its place. -->',
    '<bmap version="2.0">',
    `    <ImageSize> ${imageBytes} </ImageSize>`,
    `    <BlockSize> ${blockBytes} </BlockSize>`,
    `    <BlocksCount> ${Math.ceil(imageBytes / blockBytes)} </BlocksCount>`,
    `    <MappedBlocksCount> ${mappedBlockCount(ranges)} </MappedBlocksCount>`,
    `    <ChecksumType> ${checksumType} </ChecksumType>`,
    `    <BmapFileChecksum> ${none} </BmapFileChecksum>`,
    '    <BlockMap>',
    ...lines,
    '    </BlockMap>',
    '</bmap>',
    '',
  ].join('\n')
  return text.replace(`> ${none} <`, `> ${createHash(checksumType).update(text).digest('hex')} <`)
}
