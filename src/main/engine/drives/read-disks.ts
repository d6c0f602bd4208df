import type { SystemFiles } from '../lib/system-files.ts'
import type { Disk, Holder, Volume } from '../safety/facts.ts'
import { busOf, holderKind, isDriveName, portOf, udevProperties, udevText } from '../safety/linux-names.ts'

/** The kernel counts sizes in these, whatever a disk's own sectors are. */
const SECTOR_BYTES = 512

export interface ReadOptions {
  /** Loop devices too, those with a file behind them. */
  hasLoops?: boolean
}

/** Every drive of a Linux machine, out of /sys and udev's database. Nothing is opened or run for it, so that anybody may ask and often. */
export async function readDisks(system: SystemFiles, { hasLoops = false }: ReadOptions = {}): Promise<Disk[]> {
  const spread = await btrfsHolders(system)
  const disks: Disk[] = []
  for (const kernelName of await system.names('/sys/block')) {
    const isLoop = hasLoops && /^loop\d+$/.test(kernelName) && (await system.isThere(`/sys/block/${kernelName}/loop`))
    if (!isLoop && !isDriveName(kernelName)) continue
    const disk = await readDisk(system, kernelName, spread)
    if (disk) disks.push(disk)
  }
  return disks
}

/** Holders of devices that share one file system with others, by kernel name. */
type Spread = ReadonlyMap<string, Holder>

/** null when it has gone away in the meantime. */
async function readDisk(system: SystemFiles, kernelName: string, spread: Spread): Promise<Disk | null> {
  const folder = `/sys/block/${kernelName}`
  const attribute = (name: string) => system.text(`${folder}/${name}`)
  const numbers = await attribute('dev')
  const size = await attribute('size')
  if (numbers === '' || size === '') return null
  const devicePath = await system.linkOf('/sys/block', kernelName)
  const udev = udevProperties(await system.text(`/run/udev/data/b${numbers}`))
  const bus = busOf(devicePath)
  const usb = bus === 'usb' ? await usbDevice(system, devicePath) : null
  const serial =
    udev.get('ID_SERIAL_SHORT') ?? (await firstOf([attribute('device/serial'), attribute('serial'), Promise.resolve(usb?.serial ?? '')]))
  const model = await firstOf([attribute('device/model'), attribute('device/name'), backingFile(system, folder)])
  const whole: Volume = {
    ...{ path: `/dev/${kernelName}`, number: 0, numbers, startBytes: 0 },
    ...(await volumeFacts(system, folder, { udev, size })),
  }
  whole.holders.push(...spreadOver(spread, kernelName))
  return {
    identity: {
      ...{ path: whole.path, serial, sizeBytes: whole.sizeBytes },
      port: udev.get('ID_PATH') ?? portOf(devicePath),
      diskSequence: await attribute('diskseq'),
    },
    ...{ kernelName, numbers, bus },
    vendor: vendorOf(await attribute('device/vendor')),
    model,
    reader: usb?.product ?? '',
    isRemovable: (await attribute('removable')) === '1' || (bus === 'mmc' && (await attribute('device/type')) === 'SD'),
    isReadOnly: (await attribute('ro')) === '1',
    isSystem: false,
    writeCount: Number((await attribute('stat')).split(/\s+/)[4] ?? 0),
    volumes: [whole, ...(await partitionsOf(system, kernelName, spread))],
  }
}

async function partitionsOf(system: SystemFiles, kernelName: string, spread: Spread): Promise<Volume[]> {
  const folder = `/sys/block/${kernelName}`
  const volumes: Volume[] = []
  for (const name of (await system.names(folder)).filter((each) => each.startsWith(kernelName))) {
    const number = await system.text(`${folder}/${name}/partition`)
    const numbers = await system.text(`${folder}/${name}/dev`)
    if (number === '') continue
    const udev = udevProperties(await system.text(`/run/udev/data/b${numbers}`))
    const size = await system.text(`${folder}/${name}/size`)
    const facts = await volumeFacts(system, `${folder}/${name}`, { udev, size })
    facts.holders.push(...spreadOver(spread, name))
    const startBytes = Number(await system.text(`${folder}/${name}/start`)) * SECTOR_BYTES
    volumes.push({ path: `/dev/${name}`, number: Number(number), numbers, startBytes, ...facts })
  }
  return volumes.toSorted((a, b) => a.number - b.number)
}

interface Known {
  udev: ReadonlyMap<string, string>
  size: string
}

async function volumeFacts(
  system: SystemFiles,
  folder: string,
  { udev, size }: Known,
): Promise<Omit<Volume, 'path' | 'number' | 'numbers' | 'startBytes'>> {
  return {
    sizeBytes: Number(size) * SECTOR_BYTES,
    label: udevText(udev.get('ID_FS_LABEL_ENC') ?? ''),
    fileSystem: udev.get('ID_FS_TYPE') ?? '',
    holders: await holdersOf(system, folder),
  }
}

async function holdersOf(system: SystemFiles, folder: string): Promise<Holder[]> {
  const holders: Holder[] = []
  for (const kernelName of await system.names(`${folder}/holders`)) {
    const kind = holderKind(kernelName, await system.text(`/sys/block/${kernelName}/dm/uuid`))
    holders.push({ kernelName, kind, devices: await builtOn(system, kernelName, new Set()) })
  }
  return holders
}

/** A device and everything that is built on it. */
async function builtOn(system: SystemFiles, kernelName: string, seen: Set<string>): Promise<Holder['devices']> {
  if (seen.has(kernelName)) return []
  seen.add(kernelName)
  const folder = `/sys/block/${kernelName}`
  const mapped = await system.text(`${folder}/dm/name`)
  const paths = [`/dev/${kernelName}`, ...(mapped === '' ? [] : [`/dev/mapper/${mapped}`])]
  const devices = [{ numbers: await system.text(`${folder}/dev`), paths }]
  for (const name of (await system.names(folder)).filter((each) => each.startsWith(`${kernelName}p`)))
    devices.push({ numbers: await system.text(`${folder}/${name}/dev`), paths: [`/dev/${name}`] })
  for (const above of await system.names(`${folder}/holders`)) devices.push(...(await builtOn(system, above, seen)))
  return devices
}

/** mountinfo names one device of a btrfs; the others of it are told by /sys/fs/btrfs alone. */
async function btrfsHolders(system: SystemFiles): Promise<Spread> {
  const holders = new Map<string, Holder>()
  for (const uuid of await system.names('/sys/fs/btrfs')) {
    const devices = await system.names(`/sys/fs/btrfs/${uuid}/devices`)
    if (devices.length > 1)
      for (const device of devices) holders.set(device, { kernelName: uuid, kind: 'btrfs over several devices', devices: [] })
  }
  return holders
}

function spreadOver(spread: Spread, kernelName: string): Holder[] {
  const holder = spread.get(kernelName)
  return holder ? [holder] : []
}

/** The nearest USB device above: it has the product's name and, where SCSI has none, the serial number. */
async function usbDevice(system: SystemFiles, devicePath: string): Promise<{ product: string; serial: string } | null> {
  for (let folder = devicePath; folder.includes('/usb'); folder = folder.slice(0, folder.lastIndexOf('/'))) {
    if (!(await system.isThere(`${folder}/idVendor`))) continue
    const manufacturer = await system.text(`${folder}/manufacturer`)
    const product = await system.text(`${folder}/product`)
    const isTwice = product.toLowerCase().startsWith(manufacturer.toLowerCase())
    return { product: isTwice ? product : `${manufacturer} ${product}`.trim(), serial: await system.text(`${folder}/serial`) }
  }
  return null
}

/** The name of the file behind a loop device. */
async function backingFile(system: SystemFiles, folder: string): Promise<string> {
  return (await system.text(`${folder}/loop/backing_file`)).split('/').at(-1) ?? ''
}

/** `ATA` is no vendor, and virtio says a number. */
function vendorOf(text: string): string {
  return text === 'ATA' || text.startsWith('0x') ? '' : text
}

async function firstOf(texts: readonly Promise<string>[]): Promise<string> {
  return (await Promise.all(texts)).find((text) => text !== '') ?? ''
}
