import { plural, t } from '@lingui/core/macro'
import type { ImageFacts } from '@contract/images.ts'
import { bytes } from '../../ui/format.ts'

export type FoundPartition = NonNullable<ImageFacts['table']>['partitions'][number]

/** The types that cards have; any other is shown as it is. */
const TYPES: Readonly<Record<string, string>> = {
  '0b': 'FAT32',
  '0c': 'FAT32',
  '0e': 'FAT16',
  '05': t`extended`,
  '0f': t`extended`,
  '82': t`Linux swap`,
  '83': t`Linux`,
  da: t`data`,
  ef: t`EFI system`,
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B': t`EFI system`,
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': t`Linux`,
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7': t`basic data`,
  '21686148-6449-6E6F-744E-656564454649': t`BIOS boot`,
  '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F': t`Linux swap`,
}

/** What a partition's entry says that it is. */
export function typeWords(type: string): string {
  return TYPES[type] ?? type
}

/** What it is called: its role on a card of Mender's, else its name, label or number. */
export function partitionTitle({ number, role, name, fileSystem }: FoundPartition): string {
  return role ?? (name || fileSystem?.label || t`partition ${number}`)
}

/** One line of what an image is: `GPT · 4 partitions · boots rootfs A · release-1 · for beaglebone`. */
export function imageLine({ table, fileSystem, boot }: ImageFacts): string {
  const partitions = table?.partitions ?? []
  const volumes = [fileSystem, ...partitions.map((each) => each.fileSystem)].filter((each) => each !== null)
  const deviceType = volumes.find((each) => each.deviceType !== null)?.deviceType
  return [
    table === null
      ? t`one file system, ${fileSystem?.kind ?? ''}`
      : `${table.kind.toUpperCase()} · ${plural(partitions.length, { one: '# partition', other: '# partitions' })}`,
    bootWords(partitions, boot),
    volumes.find((each) => each.artifactName !== null)?.artifactName ?? '',
    deviceType === undefined || deviceType === null ? '' : t`for ${deviceType}`,
  ]
    .filter((part) => part !== '')
    .join(' · ')
}

function bootWords(partitions: readonly FoundPartition[], boot: ImageFacts['boot']): string {
  const booted = partitions.find(({ number }) => number === boot?.partition)
  if (booted === undefined) return ''
  return boot?.isTrial ? t`boots ${partitionTitle(booted)}, on trial` : t`boots ${partitionTitle(booted)}`
}

/** The picture in words. */
export function pictureLabel({ sizeBytes, table }: ImageFacts): string {
  const parts = (table?.partitions ?? []).map((each) => `${each.number} ${partitionTitle(each)} ${bytes(each.sizeBytes)}`)
  return `${bytes(sizeBytes)}: ${parts.join(', ') || t`no partitions`}`
}

/** The name of a file in a path of either system. */
export function fileName(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path
}

/** The folder of a path. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.length - fileName(path).length - 1))
}

/** Whether it has no slots yet, and may be given some. */
export function isSingle({ table, fileSystem }: ImageFacts): boolean {
  return table === null ? fileSystem?.kind.startsWith('ext') === true : table.partitions.every(({ role }) => role === null)
}
