import type { FlashSource } from '@contract/flash.ts'
import { bytes } from '../../ui/format.ts'
import { fileName } from './partition-words.ts'

const FORMATS: Readonly<Record<FlashSource['format'], string>> = {
  raw: 'not packed',
  gzip: 'gzip',
  xz: 'xz',
  zstd: 'zstd',
  bzip2: 'bzip2',
  zip: 'zip',
  artifact: 'Mender artifact',
}

/** What of an image is written, and where that is known from. */
export function sourceRows(source: FlashSource): (readonly [name: string, value: string])[] {
  const { format, storedBytes, imageBytes } = source
  const stored = imageBytes === storedBytes ? bytes(storedBytes) : `${bytes(storedBytes)}, ${FORMATS[format]}`
  const unpacked = imageBytes === null || imageBytes === storedBytes ? [] : [['unpacked', bytes(imageBytes)] as const]
  return [['size', stored], ...unpacked, ['to write', writtenWords(source)], ['checked first', witnessWords(source)]]
}

function writtenWords({ map, mappedBytes }: FlashSource): string {
  const how = {
    beside: 'by the block map beside it',
    inside: 'by the block map in it',
    'file-systems': 'what its file systems use',
    none: 'all of it',
  }[map]
  return mappedBytes === null ? how : `${bytes(mappedBytes)}, ${how}`
}

function witnessWords({ witnesses }: FlashSource): string {
  const names = { given: 'the sum given', sha256: 'SHA-256 in', signature: 'signature in', bmap: 'block map in' }
  const words = witnesses.map(({ kind, path }) => [names[kind], fileName(path)].filter((part) => part !== '').join(' '))
  return words.length === 0 ? 'nothing lies beside it' : words.join(', ')
}
