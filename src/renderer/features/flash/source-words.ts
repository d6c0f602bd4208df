import { t } from '@lingui/core/macro'
import type { FlashSource, FlashView, FlashWitness } from '@contract/flash.ts'
import { bytes, moment } from '../../ui/format.ts'
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

/** What the image was held against: for this flash, which is known once a card is written; or for an earlier one, and unchanged since. */
export function heldWords({ source, startedAt }: Pick<FlashView, 'source' | 'startedAt'>, isWritten: boolean): string[] {
  const witnesses = (source?.witnesses ?? []).filter(({ kind, isChecked }) => isChecked && kind !== 'signature')
  const now = witnesses.filter(({ heldAt }) => heldAt === null && isWritten)
  const before = witnesses.filter(({ heldAt }) => heldAt !== null)
  const heldAt = before[0]?.heldAt ?? null
  return [
    ...(now.length > 0 ? [t`held against ${namesOf(now)}`] : []),
    ...(heldAt === null ? [] : [t`unchanged since it was held against ${namesOf(before)} at ${moment(heldAt, startedAt)}`]),
  ]
}

const namesOf = (witnesses: readonly FlashWitness[]): string =>
  witnesses.map(({ path }) => (path === '' ? t`the sum given` : fileName(path))).join(', ')

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
  const sums = { given: t`the sum given`, sha256: t`SHA-256 in`, sha512: t`SHA-512 in` }
  const names = { ...sums, signature: t`signature in`, bmap: t`block map in` }
  const words = witnesses.map(({ kind, path }) => [names[kind], fileName(path)].filter((part) => part !== '').join(' '))
  return words.length === 0 ? t`nothing: no block map, sum or signature lies beside it` : words.join(', ')
}
