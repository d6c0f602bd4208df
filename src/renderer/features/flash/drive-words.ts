import { plural, t } from '@lingui/core/macro'
import type { Drive, DriveFaults, DriveIdentity } from '@contract/drives.ts'
import { Ban, CircleAlert, HardDrive } from 'lucide-react'
import type { StateLook } from '../../ui/card-states.ts'
import { bytes } from '../../ui/format.ts'
import { fileName } from './partition-words.ts'

/** Tells a card from every other one that is or was in the same reader. */
export function driveKey({ path, serial, sizeBytes, port, diskSequence, model = '' }: DriveIdentity): string {
  return [path, serial, sizeBytes, port, diskSequence, model].join('\n')
}

/** Whether it may be written at all. */
const VERDICTS: Readonly<Record<Drive['verdict']['kind'], StateLook>> = {
  writable: { word: t`CARD`, icon: HardDrive, token: 'neutral', frame: 'solid' },
  'needs-name': { word: t`TYPE ITS NAME`, icon: CircleAlert, token: 'attention', frame: 'bar' },
  refused: { word: t`NOT OFFERED`, icon: Ban, token: 'neutral', frame: 'dashed', isMuted: true },
}

/** Word, icon, colour and frame of a drive. */
export function driveLook({ verdict, isRemovable }: Drive): StateLook {
  const look = VERDICTS[verdict.kind]
  return verdict.kind === 'writable' && !isRemovable ? { ...look, word: t`DRIVE` } : look
}

/** How many drives, by what they are. */
export function countedDrives(drives: readonly Drive[]): string {
  const count = drives.length
  if (drives.every(({ virtual }) => virtual !== null)) return plural(count, { one: '# virtual drive', other: '# virtual drives' })
  if (drives.every(({ isRemovable }) => isRemovable)) return plural(count, { one: '# card', other: '# cards' })
  return plural(count, { one: '# drive', other: '# drives' })
}

/** What the button says: `Erase 2 cards (59.4 GB)`. */
export function eraseWords(drives: readonly Drive[]): string {
  const total = drives.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return t`Erase ${countedDrives(drives)} (${bytes(total)})`
}

const BUSES: Readonly<Record<Drive['bus'], string>> = {
  usb: 'USB',
  mmc: t`card slot`,
  nvme: 'NVMe',
  ata: 'SATA',
  scsi: 'SCSI',
  virtio: 'virtio',
  loop: t`loop device`,
  virtual: t`file`,
  unknown: t`bus unknown`,
}

/** How it hangs on the machine: `USB · Generic STORAGE DEVICE · /dev/sdb`. */
export function placeWords({ bus, reader, identity, virtual }: Drive): string {
  return [BUSES[bus], reader, virtual === null ? identity.path : fileName(identity.path)].filter((part) => part !== '').join(' · ')
}

/** What is on it now; empty where that is not looked at. */
export function contentWords({ partitions, mender, virtual }: Drive): string {
  const found = mender === null ? '' : [mender.artifactName, mender.deviceType && t`for ${mender.deviceType}`].filter(Boolean).join(' ')
  const systems = [...new Set(partitions.map(({ fileSystem }) => fileSystem).filter((kind) => kind !== ''))].join(', ')
  if (partitions.length === 0) return virtual === null ? t`nothing on it that is known` : ''
  return [plural(partitions.filter(({ number }) => number > 0).length, { one: '# partition', other: '# partitions' }), systems, found]
    .filter((part) => part !== '')
    .join(' · ')
}

/** Whether a virtual drive does anything wrong but being slow. */
export function hasFault({ failsAtByte, pulledAtByte, realBytes }: DriveFaults): boolean {
  return failsAtByte !== null || pulledAtByte !== null || realBytes !== null
}

/** What a virtual drive does wrong. */
export function faultWords({ failsAtByte, pulledAtByte, realBytes }: DriveFaults): string {
  return [
    failsAtByte === null ? '' : t`writing fails at ${bytes(failsAtByte)}`,
    pulledAtByte === null ? '' : t`it is pulled at ${bytes(pulledAtByte)}`,
    realBytes === null ? '' : t`it keeps only ${bytes(realBytes)}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
}
