import type { Listed } from './drivelist.ts'

/**
 * What drivelist 12 and `diskutil list` would answer on two machines: made after drivelist's types, documentation and source, and after the manual
 * of diskutil. Nothing here was recorded on such a machine.
 */

const PLAIN = {
  ...{ size: 0, devicePath: null, isUSB: false, isCard: false, isRemovable: false, isReadOnly: false, isSystem: false, isVirtual: false },
  ...{ busVersion: null, error: null, isSCSI: false, isUAS: null, blockSize: 512, logicalBlockSize: 512, partitionTableType: 'gpt' },
  mountpoints: [],
}

const mac = (name: string, facts: Partial<Listed> & Pick<Listed, 'description' | 'size' | 'busType'>) => ({
  ...{ ...PLAIN, device: `/dev/${name}`, raw: `/dev/r${name}`, enumerator: 'DiskArbitration', ...facts },
})

const XHC = 'IODeviceTree:/PCI0@0/XHC1@14'
const at = (...paths: string[]) => paths.map((path) => ({ path, label: path.split('/').at(-1) ?? '' }))

/** Its own SSD, a card in a reader, a stick and a large disk with APFS on one controller, and a mounted image. */
export const MACBOOK = [
  mac('disk0', {
    ...{ description: 'APPLE SSD AP0512Q Media', size: 500_277_790_720, busType: 'Apple Fabric', isSystem: true },
    ...{ devicePath: 'IODeviceTree:/arm-io@10F00000/ans@77400000/iop-ans-nub/AppleANS3NVMeController', mountpoints: at('/') },
  }),
  mac('disk3', {
    ...{ description: 'AppleAPFSMedia', size: 494_384_795_648, busType: 'Apple Fabric', isSystem: true, isVirtual: true },
    ...{ devicePath: 'IODeviceTree:/arm-io@10F00000/ans@77400000/iop-ans-nub/AppleANS3NVMeController', mountpoints: at('/') },
  }),
  mac('disk4', {
    ...{ description: 'APPLE SD Card Reader Media', size: 31_914_983_424, busType: 'Secure Digital', isCard: true, isRemovable: true },
    ...{ devicePath: 'IODeviceTree:/PCI0@0/RP02@1C,1/SDXC@0', mountpoints: at('/Volumes/boot') },
  }),
  mac('disk5', {
    ...{ description: 'SanDisk Ultra Media', size: 15_376_318_464, busType: 'USB', isUSB: true, isRemovable: true, devicePath: XHC },
    // It is on the same controller as the disk that these are on in truth.
    mountpoints: at('/Volumes/Backup'),
  }),
  mac('disk6', {
    ...{ description: 'Samsung Portable SSD T7 Media', size: 1_000_204_886_016, busType: 'USB', isUSB: true, isRemovable: true },
    devicePath: XHC,
  }),
  mac('disk7', { ...{ description: 'AppleAPFSMedia', size: 1_000_000_000_000, busType: 'USB', isUSB: true }, devicePath: XHC }),
  mac('disk8', {
    ...{ description: 'Apple UDIF read-only compressed (zlib) Media', size: 20_971_520, busType: 'Virtual Interface', isVirtual: true },
    ...{ isReadOnly: true, isRemovable: true, mountpoints: at('/Volumes/Installer') },
  }),
]

const partition = (name: string, content: string, size: number, volume: object = {}) => ({
  ...{ DeviceIdentifier: name, Content: content, Size: size, ...volume },
})
const volume = (name: string, target: string) => ({
  ...{ DeviceIdentifier: name, Size: 1e9, MountPoint: target, VolumeName: target.split('/').at(-1) },
})

/** Of the same Mac, as plutil makes JSON of it. */
export const MACBOOK_DISKS = {
  AllDisksAndPartitions: [
    {
      ...partition('disk0', 'GUID_partition_scheme', 500_277_790_720, { OSInternal: false }),
      Partitions: [partition('disk0s1', 'Apple_APFS_ISC', 524_288_000), partition('disk0s2', 'Apple_APFS', 494_384_795_648)],
    },
    {
      ...partition('disk3', 'EF57347C-0000-11AA-AA11-00306543ECAC', 494_384_795_648),
      APFSPhysicalStores: [{ DeviceIdentifier: 'disk0s2' }],
      APFSVolumes: [
        {
          ...{ DeviceIdentifier: 'disk3s1', Size: 494_384_795_648, VolumeName: 'Macintosh HD' },
          MountedSnapshots: [{ Sealed: 'Yes', SnapshotBSD: 'disk3s1s1', SnapshotMountPoint: '/' }],
        },
        volume('disk3s5', '/System/Volumes/Data'),
        volume('disk3s6', '/System/Volumes/VM'),
      ],
    },
    {
      ...partition('disk4', 'FDisk_partition_scheme', 31_914_983_424),
      Partitions: [
        partition('disk4s1', 'Windows_FAT_32', 268_435_456, { MountPoint: '/Volumes/boot', VolumeName: 'boot' }),
        partition('disk4s2', 'Linux', 31_642_353_664),
      ],
    },
    partition('disk5', '', 15_376_318_464),
    {
      ...partition('disk6', 'GUID_partition_scheme', 1_000_204_886_016),
      Partitions: [partition('disk6s1', 'EFI', 209_715_200), partition('disk6s2', 'Apple_APFS', 1_000_000_000_000)],
    },
    {
      ...partition('disk7', 'EF57347C-0000-11AA-AA11-00306543ECAC', 1_000_000_000_000),
      APFSPhysicalStores: [{ DeviceIdentifier: 'disk6s2' }],
      APFSVolumes: [volume('disk7s1', '/Volumes/Backup')],
    },
    {
      ...partition('disk8', 'GUID_partition_scheme', 20_971_520),
      Partitions: [partition('disk8s1', 'Apple_HFS', 20_000_000, { MountPoint: '/Volumes/Installer', VolumeName: 'Installer' })],
    },
  ],
}

/** `diskutil info` of two of them. */
export const MACBOOK_INFO: Readonly<Record<string, object>> = {
  disk0: { Size: 500_277_790_720, BusProtocol: 'Apple Fabric', Internal: true, RemovableMedia: false, WritableMedia: true },
  disk4: { Size: 31_914_983_424, BusProtocol: 'Secure Digital', Internal: true, RemovableMedia: true, WritableMedia: true },
  disk6: { Size: 1_000_204_886_016, BusProtocol: 'USB', Internal: false, RemovableMedia: false, WritableMedia: true },
}

const pc = (number: number, facts: Partial<Listed> & Pick<Listed, 'description' | 'size' | 'busType'> & { enumerator: string }) => ({
  ...{ ...PLAIN, device: `\\\\.\\PhysicalDrive${number}`, raw: `\\\\.\\PhysicalDrive${number}`, busVersion: '2.0', ...facts },
})

/** Its NVMe with Windows, which drivelist has no name for, a second SSD, a stick with two letters, a reader without a card, and a hard disk with a plug. */
export const WINDOWS_PC = [
  pc(0, {
    ...{ description: 'NVMe WDC PC SN730 SDBPNTY-512G', size: 512_105_932_800, busType: 'INVALID', enumerator: 'SCSI' },
    ...{ isSystem: true, mountpoints: [{ path: 'C:\\' }] },
  }),
  pc(1, {
    ...{ description: 'Samsung SSD 860 EVO 250GB', size: 250_056_737_280, busType: 'SATA', enumerator: 'SCSI' },
    ...{ isSystem: true, mountpoints: [{ path: 'D:\\' }] },
  }),
  pc(2, {
    ...{ description: 'SanDisk Ultra USB 3.0 USB Device', size: 30_752_636_928, busType: 'USB', enumerator: 'USBSTOR' },
    ...{ isUSB: true, isRemovable: true, mountpoints: [{ path: 'E:\\' }, { path: 'F:\\' }] },
  }),
  pc(3, {
    ...{ description: 'Generic STORAGE DEVICE USB Device', size: 0, busType: '', enumerator: 'USBSTOR', isUSB: true, isRemovable: true },
    ...{ error: "Couldn't get disk geometry: Error 21" },
  }),
  pc(4, {
    ...{ description: 'WD My Passport 25E2 USB Device', size: 2_000_365_289_472, busType: 'USB', enumerator: 'USBSTOR' },
    ...{ isUSB: true, isRemovable: true, mountpoints: [{ path: 'G:\\' }] },
  }),
]
