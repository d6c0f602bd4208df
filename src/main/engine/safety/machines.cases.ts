import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Drive } from '../../contract/drives.ts'

/** A disk as its kernel and udev describe it. Sizes in sectors of 512 bytes. */
export interface SampleDisk {
  name: string
  /** The folder of the device below /sys/devices, without `/block/NAME`. */
  device: string
  dev: string
  sectors: number
  removable?: 0 | 1
  ro?: 0 | 1
  diskseq?: number
  /** Texts below `device/`: model, vendor, serial, type, name. */
  attributes?: Record<string, string>
  /** Folders above with texts: the USB device. */
  above?: Record<string, Record<string, string>>
  /** Of the whole disk, in udev's database. */
  udev?: Record<string, string>
  holders?: string[]
  partitions?: { number: number; dev: string; start: number; sectors: number; udev?: Record<string, string>; holders?: string[] }[]
  /** A device made of others: texts below the disk's own folder, `dm/uuid`. */
  texts?: Record<string, string>
}

export interface SampleMachine {
  disks: SampleDisk[]
  /** Lines of mountinfo. */
  mounts: string[]
  /** Lines of /proc/swaps without its header. */
  swaps?: string[]
  /** Of /sys/fs/btrfs: devices by UUID. */
  btrfs?: Record<string, string[]>
}

type Texts = Record<string, string | number>

const within = (folder: string, texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${folder}/${name}`, text]))
const holdersIn = (folder: string, holders: readonly string[] = []): Texts =>
  Object.fromEntries(holders.map((holder) => [`${folder}/holders/${holder}`, '']))
const udevOf = (dev: string, properties: Record<string, string> = {}): Texts => ({
  [`/run/udev/data/b${dev}`]: ['I:123', ...Object.entries(properties).map(([name, value]) => `E:${name}=${value}`)].join('\n'),
})

const folderOf = ({ device, name }: SampleDisk) => `/sys/devices/${device}/block/${name}`
const partitionName = ({ name }: SampleDisk, number: number) => `${name}${/\d$/.test(name) ? 'p' : ''}${number}`

function textsOf(disk: SampleDisk): Texts {
  const folder = folderOf(disk)
  const { dev, sectors: size, removable = 0, ro = 0, diskseq = 1 } = disk
  const above = Object.entries(disk.above ?? {}).map(([name, texts]) => within(`/sys/devices/${name}`, texts))
  const partitions = (disk.partitions ?? []).map((part) => {
    const place = `${folder}/${partitionName(disk, part.number)}`
    const texts = within(place, { partition: part.number, dev: part.dev, start: part.start, size: part.sectors, ro })
    return { ...texts, ...holdersIn(place, part.holders), ...udevOf(part.dev, part.udev) }
  })
  return Object.assign(
    { [`${folder}/queue/rotational`]: 0 },
    within(folder, { dev, size, removable, ro, diskseq, stat: '1 0 8 0 4 0 0 0 0 0 0', ...disk.texts }),
    within(`/sys/devices/${disk.device}`, disk.attributes ?? {}),
    holdersIn(folder, disk.holders),
    udevOf(dev, disk.udev),
    ...above,
    ...partitions,
  )
}

function linksOf(disk: SampleDisk): Record<string, string> {
  const place = `${disk.device}/block/${disk.name}`
  const partitions = (disk.partitions ?? []).map(({ number, dev }) => [
    `/sys/dev/block/${dev}`,
    `../../devices/${place}/${partitionName(disk, number)}`,
  ])
  return {
    ...(disk.attributes ? { [`${folderOf(disk)}/device`]: '../..' } : {}),
    [`/sys/block/${disk.name}`]: `../devices/${place}`,
    [`/sys/dev/block/${disk.dev}`]: `../../devices/${place}`,
    ...Object.fromEntries(partitions),
  }
}

/** A folder with the /sys, /proc and /run of a machine in it, as `lsblk --sysroot` reads it too. */
export async function layOut({ disks, mounts, swaps = [], btrfs = {} }: SampleMachine): Promise<{ root: string } & AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), 'otabench-machine-'))
  const members = Object.entries(btrfs).flatMap(([uuid, devices]) =>
    devices.map((device) => [`/sys/fs/btrfs/${uuid}/devices/${device}`, '']),
  )
  const texts: Texts = {
    ...Object.assign({}, ...disks.map(textsOf)),
    '/proc/self/mountinfo': mounts.join('\n'),
    '/proc/swaps': ['Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority', ...swaps].join('\n'),
    ...Object.fromEntries(members),
  }
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), `${text}\n`)
  }
  for (const [path, target] of disks.flatMap((disk) => Object.entries(linksOf(disk)))) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await symlink(target, join(root, path))
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true }) }
}

const GIB = 2 ** 21

const USB = 'pci0000:00/0000:00:14.0/usb2/2-1'

/** A card reader with a card of 32 GB in it. */
export const USB_READER: SampleDisk = {
  name: 'sdb',
  device: `${USB}/2-1:1.0/host6/target6:0:0/6:0:0:0`,
  ...{ dev: '8:16', sectors: 62_333_952, removable: 1, diskseq: 21 },
  attributes: { vendor: 'Generic-', model: 'SD/MMC', type: '0' },
  above: { [USB]: { idVendor: '0bda', manufacturer: 'Realtek', product: 'USB3.0-CRW', serial: '0000001' } },
  udev: { ID_SERIAL_SHORT: '0000001', ID_PATH: 'pci-0000:00:14.0-usb-0:1:1.0-scsi-0:0:0:0', ID_BUS: 'usb' },
  partitions: [
    { number: 1, dev: '8:17', start: 8192, sectors: 524_288, udev: { ID_FS_TYPE: 'vfat', ID_FS_LABEL_ENC: 'boot' } },
    { number: 2, dev: '8:18', start: 532_480, sectors: 61_801_472, udev: { ID_FS_TYPE: 'ext4', ID_FS_LABEL_ENC: String.raw`root\x20fs` } },
  ],
}

/** The same reader with its slot empty. */
export const EMPTY_SLOT: SampleDisk = {
  ...USB_READER,
  ...{ name: 'sdc', device: `${USB}/2-1:1.0/host6/target6:0:0/6:0:0:1`, dev: '8:32', sectors: 0, diskseq: 22, partitions: [] },
}

/** The NVMe disk of a laptop, with LUKS and LVM below everything. */
export const LAPTOP_NVME: SampleDisk = {
  name: 'nvme0n1',
  device: 'pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0',
  ...{ dev: '259:0', sectors: 976 * GIB, attributes: { model: 'Samsung SSD 990 PRO 1TB', serial: 'S6Z1NJ0W' } },
  partitions: [
    { number: 1, dev: '259:1', start: 2048, sectors: GIB, udev: { ID_FS_TYPE: 'vfat' } },
    { number: 2, dev: '259:2', start: 2048 + GIB, sectors: 970 * GIB, udev: { ID_FS_TYPE: 'crypto_LUKS' }, holders: ['dm-0'] },
  ],
}

export const LUKS_MAPPER: SampleDisk = {
  ...{ name: 'dm-0', device: 'virtual', dev: '254:0', sectors: 970 * GIB },
  texts: { 'dm/uuid': 'CRYPT-LUKS2-0123-luks', 'dm/name': 'luks' },
  holders: ['dm-1', 'dm-2'],
}

export const LVM_ROOT: SampleDisk = {
  ...{ name: 'dm-1', device: 'virtual', dev: '254:1', sectors: 900 * GIB },
  texts: { 'dm/uuid': 'LVM-abc', 'dm/name': 'vg-root' },
}

export const LVM_SWAP: SampleDisk = {
  ...{ name: 'dm-2', device: 'virtual', dev: '254:2', sectors: 16 * GIB },
  texts: { 'dm/uuid': 'LVM-def', 'dm/name': 'vg-swap' },
}

/** An external SSD: USB by SCSI, and it does not call itself removable. */
export const USB_SSD: SampleDisk = {
  name: 'sdd',
  device: 'pci0000:00/0000:00:14.0/usb2/2-4/2-4:1.0/host7/target7:0:0/7:0:0:0',
  ...{ dev: '8:48', sectors: 2 * 931 * GIB, diskseq: 23, attributes: { vendor: 'Samsung', model: 'PSSD T7', type: '0' } },
  above: { 'pci0000:00/0000:00:14.0/usb2/2-4': { idVendor: '04e8', manufacturer: 'Samsung', product: 'PSSD T7', serial: 'S5SXNS0R' } },
  partitions: [{ number: 1, dev: '8:49', start: 2048, sectors: 2 * 930 * GIB, udev: { ID_FS_TYPE: 'exfat', ID_FS_LABEL_ENC: 'T7' } }],
}

/** A case with 12 TB of RAID in it, which calls itself removable. */
export const USB_RAID: SampleDisk = {
  name: 'sde',
  device: 'pci0000:00/0000:00:14.0/usb2/2-2/2-2:1.0/host8/target8:0:0/8:0:0:0',
  ...{ dev: '8:64', sectors: 12 * 931 * GIB, removable: 1, attributes: { vendor: 'JMicron', model: 'H/W RAID5', type: '0' } },
  above: { 'pci0000:00/0000:00:14.0/usb2/2-2': { idVendor: '152d', manufacturer: 'JMicron', product: 'External RAID', serial: 'R' } },
}

/** The reader of a laptop that is no USB device. */
export const SD_BY_MMC: SampleDisk = {
  name: 'mmcblk0',
  device: 'pci0000:00/0000:00:1c.0/0000:02:00.0/mmc_host/mmc0/mmc0:aaaa',
  ...{
    dev: '179:0',
    sectors: 31_116_288,
    diskseq: 5,
    attributes: { type: 'SD', name: 'SC16G', serial: '0x1d2e3f40', cid: '0353445343313647' },
  },
}

export const EMMC: SampleDisk = {
  name: 'mmcblk1',
  device: 'platform/soc/fe340000.mmc/mmc_host/mmc1/mmc1:0001',
  ...{ dev: '179:8', sectors: 30_535_680, attributes: { type: 'MMC', name: '8GTF4R', serial: '0x0a1b2c3d' } },
}

export const EMMC_BOOT: SampleDisk = { ...EMMC, name: 'mmcblk1boot0', dev: '179:16', sectors: 8192 }

export const ZRAM: SampleDisk = { name: 'zram0', device: 'virtual', dev: '252:0', sectors: 8 * GIB }

/** A disk that is reached over two paths. */
export const SAN_PATHS: SampleDisk[] = ['sdf', 'sdg'].map((name, index) => ({
  name,
  device: `pci0000:00/0000:00:03.0/host${index + 1}/rport-${index + 1}:0-0/target${index + 1}:0:0/${index + 1}:0:0:0`,
  ...{ dev: `8:${80 + 16 * index}`, sectors: 100 * GIB, attributes: { vendor: 'IBM', model: '2145', type: '0' }, holders: ['dm-5'] },
}))

export const MULTIPATH: SampleDisk = {
  ...{ name: 'dm-5', device: 'virtual', dev: '254:5', sectors: 100 * GIB },
  texts: { 'dm/uuid': 'mpath-3600', 'dm/name': 'mpatha' },
}

/** Lines of mountinfo that nearly every machine has. */
export const PSEUDO_MOUNTS = [
  '22 27 0:21 / /proc rw,relatime shared:12 - proc proc rw',
  '23 27 0:22 / /sys rw,relatime shared:7 - sysfs sysfs rw',
  '24 27 0:6 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=8126616k',
]

/** Such a line. */
export function mountLine(dev: string, target: string, { type = 'ext4', source = `/dev/disk/${dev}` } = {}): string {
  return `36 27 ${dev} / ${target.replaceAll(' ', String.raw`\040`)} rw,relatime shared:1 - ${type} ${source} rw`
}

/** A card in a reader, as it is shown, in some port. */
export function sampleDrive(port: string): Drive {
  return {
    identity: { path: '/dev/sdb', serial: '0000001', sizeBytes: 31_914_983_424, port, diskSequence: '21' },
    ...{ name: 'Generic SD/MMC', vendor: 'Generic-', model: 'SD/MMC', sizeBytes: 31_914_983_424, bus: 'usb', reader: 'Realtek USB3.0-CRW' },
    ...{ isRemovable: true, isReadOnly: false, partitions: [], mountedAt: [], mender: null, access: 'open', virtual: null },
    verdict: { kind: 'writable', reasons: [] },
  }
}
