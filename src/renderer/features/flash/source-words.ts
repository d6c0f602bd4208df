import { t } from '@lingui/core/macro'
import type { FlashSource } from '@contract/flash.ts'
import { bytes } from '../../ui/format.ts'
import { fileName } from './partition-words.ts'

const FORMATS: Readonly<Record<FlashSource['format'], string>> = {
  raw: t`not packed`,
  gzip: 'gzip',
  xz: 'xz',
  zstd: 'zstd',
  bzip2: 'bzip2',
  zip: 'zip',
  artifact: t`Mender artifact`,
}

/** What of an image is written, and where that is known from. */
export function sourceRows(source: FlashSource): (readonly [name: string, value: string])[] {
  const { format, storedBytes, imageBytes } = source
  const stored = imageBytes === storedBytes ? bytes(storedBytes) : `${bytes(storedBytes)}, ${FORMATS[format]}`
  const unpacked = imageBytes === null || imageBytes === storedBytes ? [] : [['unpacked', bytes(imageBytes)] as const]
  return [['size', stored], ...unpacked, [t`to write`, writtenWords(source)], [t`checked first`, witnessWords(source)]]
}

function writtenWords({ map, mappedBytes }: FlashSource): string {
  const how = {
    beside: t`by the block map beside it`,
    inside: t`by the block map in it`,
    'file-systems': t`what its file systems use`,
    none: t`all of it`,
  }[map]
  return mappedBytes === null ? how : `${bytes(mappedBytes)}, ${how}`
}

function witnessWords({ witnesses }: FlashSource): string {
  const names = { given: t`the sum given`, sha256: t`SHA-256 in`, signature: t`signature in`, bmap: t`block map in` }
  const words = witnesses.map(({ kind, path }) => [names[kind], fileName(path)].filter((part) => part !== '').join(' '))
  return words.length === 0 ? t`nothing lies beside it` : words.join(', ')
}
