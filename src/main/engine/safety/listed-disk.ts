import type { DriveBus } from '../../contract/drives.ts'
import type { Disk, Volume } from './facts.ts'

/** A whole disk as macOS and Windows tell of it. */
export interface ListedDisk {
  /** `/dev/disk4`, `\\.\PhysicalDrive1`. */
  device: string
  /** What it calls itself. */
  description: string
  /** null or 0 without a medium. */
  size: number | null
  /** The bus that it hangs on; null where that is not told. */
  devicePath: string | null
  busType: string
  isUSB: boolean | null
  isCard: boolean | null
  /** Also true of hard disks with a plug. */
  isRemovable: boolean
  isReadOnly: boolean
  /** Built in, or with folders of the system. */
  isSystem: boolean
}

const BUSES: Readonly<Record<string, DriveBus>> = {
  ...{ USB: 'usb', SD: 'mmc', MMC: 'mmc', 'Secure Digital': 'mmc' },
  ...{ 'Apple Fabric': 'nvme', 'PCI-Express': 'nvme', SATA: 'ata', ATA: 'ata', ATAPI: 'ata', SCSI: 'scsi', SAS: 'scsi', RAID: 'scsi' },
}

/** A disk with what lies on it. Neither system tells a serial number, a port, or that another card is in: its name has to do. */
export function diskOf(listed: ListedDisk, volumes: Volume[]): Disk {
  const { device, description, size, devicePath, busType, isUSB, isCard, isRemovable, isReadOnly, isSystem } = listed
  const bus = isUSB ? 'usb' : (BUSES[busType] ?? 'unknown')
  const sizeBytes = size ?? 0
  const model = [description, devicePath ?? ''].filter((text) => text !== '').join(' at ')
  const kernelName = nameOf(device)
  const whole = {
    ...{ path: device, number: 0, numbers: kernelName, startBytes: 0, sizeBytes },
    ...{ label: '', fileSystem: '', holders: [] },
  }
  return {
    identity: { path: device, serial: '', sizeBytes, port: '', diskSequence: '', model },
    ...{ kernelName, numbers: kernelName, bus, vendor: '', model: description, reader: '' },
    isRemovable: isCard === true || (isRemovable && (bus === 'usb' || bus === 'mmc')),
    ...{ isReadOnly, isSystem, writeCount: 0, volumes: [whole, ...volumes] },
  }
}

/** `disk4`, `PhysicalDrive1`. */
export function nameOf(device: string): string {
  return device.split(/[/\\]/).at(-1) ?? device
}
