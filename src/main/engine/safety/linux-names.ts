import type { DriveBus } from '../../contract/drives.ts'

/** Block devices that are no drives: they are made of others, of memory or of the network, or are parts of a card's own. */
const NO_DRIVES =
  /^(dm-|md\d|md_|zram|ram|sr|fd|nbd|rbd|drbd|zd|bcache|mtdblock|ubiblock|loop|pmem)|^mmcblk\d+(boot\d+|rpmb|gp\d+)$|^nvme\d+c\d+n\d+$/

/** Whether a name in /sys/block is that of a whole drive. */
export function isDriveName(kernelName: string): boolean {
  return !NO_DRIVES.test(kernelName)
}

/** The first that fits a device's place below /sys/devices names its bus. */
const BUSES: readonly [RegExp, DriveBus][] = [
  [/\/virtual\/block\/loop/, 'loop'],
  [/\/mmc_host\//, 'mmc'],
  [/\/usb\d+\//, 'usb'],
  [/\/nvme\//, 'nvme'],
  [/\/ata\d+\//, 'ata'],
  [/\/virtio\d+\//, 'virtio'],
  [/\/host\d+\//, 'scsi'],
]

export function busOf(devicePath: string): DriveBus {
  return BUSES.find(([pattern]) => pattern.test(devicePath))?.[1] ?? 'unknown'
}

/**
 * Where a device is plugged in, in the words of udev's ID_PATH, out of its place below /sys/devices: for machines without udev. SCSI hosts
 * get a new number each time, so the host is left out, as udev does for USB.
 */
export function portOf(devicePath: string): string {
  const pci = [...devicePath.matchAll(/\/([0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?=\/)/g)].at(-1)?.[1]
  const platform = /\/platform\/(?:soc\/|axi\/)?([^/]+)/.exec(devicePath)?.[1]
  const base = pci === undefined ? (platform === undefined ? '' : `platform-${platform}`) : `pci-${pci}`
  const usb = /\/\d+-([\d.]+):(\d+\.\d+)\//.exec(devicePath)
  const scsi = /\/\d+:(\d+:\d+:\d+)\/block\//.exec(devicePath)
  const ata = /\/ata(\d+)\//.exec(devicePath)
  const parts = [
    base,
    usb ? `usb-0:${usb[1]}:${usb[2]}` : '',
    ata ? `ata-${ata[1]}` : '',
    scsi && !ata ? `scsi-0:${scsi[1]}` : '',
    /\/nvme\//.test(devicePath) ? 'nvme-1' : '',
  ]
  return parts.filter((part) => part !== '').join('-')
}

/** What the device mapper calls a device, `LVM-…`, says who made it. */
const MAPPED: readonly [RegExp, string][] = [
  [/^LVM-/, 'LVM'],
  [/^CRYPT-/, 'encryption'],
  [/^mpath-/, 'multipath'],
  [/^part\d+-mpath-/, 'multipath'],
  [/^DMRAID-/, 'RAID'],
  [/^stratis-/, 'Stratis'],
]

/** Who a holder is: by its name, and for the device mapper by its UUID. */
export function holderKind(kernelName: string, mapperUuid: string): string {
  if (kernelName.startsWith('md')) return 'RAID'
  if (kernelName.startsWith('bcache')) return 'bcache'
  return MAPPED.find(([pattern]) => pattern.test(mapperUuid))?.[1] ?? 'the device mapper'
}

/** The lines `E:NAME=value` of an entry in udev's database. */
export function udevProperties(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^E:([^=]+)=(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
}

/** udev writes other than plain characters as \xNN, byte by byte. */
export function udevText(encoded: string): string {
  const bytes = Buffer.from(
    encoded.replaceAll(/\\x([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  )
  return encoded.includes('\\x') ? bytes.toString() : encoded
}
