import { basename } from 'node:path'
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
  const isWanted = async (kernelName: string): Promise<boolean> =>
    isDriveName(kernelName) || (hasLoops && /^loop\d+$/.test(kernelName) && (await system.isThere(`/sys/block/${kernelName}/loop`)))
  const disks = (await system.names('/sys/block')).map(async (kernelName) =>
    (await isWanted(kernelName)) ? readDisk(system, kernelName, spread) : null,
  )
  return (await Promise.all(disks)).filter((disk) => disk !== null)
}

/** Holders of devices that share one file system with others, by kernel name. */
type Spread = ReadonlyMap<string, Holder>

const ATTRIBUTES = [
  ...['dev', 'size', 'diskseq', 'removable', 'ro', 'serial', 'stat'],
  ...['device/model', 'device/name', 'device/serial', 'device/type', 'device/vendor', 'loop/backing_file'],
] as const

/** null when it has gone away in the meantime. */
async function readDisk(system: SystemFiles, kernelName: string, spread: Spread): Promise<Disk | null> {
  const folder = `/sys/block/${kernelName}`
  const [attribute, devicePath] = await Promise.all([system.texts(folder, ATTRIBUTES), system.linkOf('/sys/block', kernelName)])
  const [numbers, size] = [attribute('dev'), attribute('size')]
  if (numbers === '' || size === '') return null
  const udev = udevProperties(await system.text(`/run/udev/data/b${numbers}`))
  const bus = busOf(devicePath)
  const usb = bus === 'usb' ? await usbDevice(system, devicePath) : null
  const [facts, partitions] = await Promise.all([volumeFacts(system, folder, { udev, size }), partitionsOf(system, kernelName, spread)])
  const whole: Volume = { path: `/dev/${kernelName}`, number: 0, numbers, startBytes: 0, ...facts }
  whole.holders.push(...spreadOver(spread, kernelName))
  return {
    identity: {
      path: whole.path,
      serial: udev.get('ID_SERIAL_SHORT') ?? firstOf([attribute('device/serial'), attribute('serial'), usb?.serial ?? '']),
      sizeBytes: whole.sizeBytes,
      port: udev.get('ID_PATH') ?? portOf(devicePath),
      diskSequence: attribute('diskseq'),
    },
    ...{ kernelName, numbers, bus },
    vendor: vendorOf(attribute('device/vendor')),
    model: firstOf([attribute('device/model'), attribute('device/name'), basename(attribute('loop/backing_file'))]),
    reader: usb?.product ?? '',
    isRemovable: attribute('removable') === '1' || (bus === 'mmc' && attribute('device/type') === 'SD'),
    isReadOnly: attribute('ro') === '1',
    isSystem: false,
    writeCount: Number(attribute('stat').split(/\s+/)[4] ?? 0),
    volumes: [whole, ...partitions],
  }
}

async function partitionsOf(system: SystemFiles, kernelName: string, spread: Spread): Promise<Volume[]> {
  const folder = `/sys/block/${kernelName}`
  const names = (await system.names(folder)).filter((name) => name.startsWith(kernelName))
  const volumes = await Promise.all(names.map((name) => readPartition(system, `${folder}/${name}`, spread)))
  return volumes.filter((volume) => volume !== null).toSorted((a, b) => a.number - b.number)
}

/** null for what is none. */
async function readPartition(system: SystemFiles, folder: string, spread: Spread): Promise<Volume | null> {
  const attribute = await system.texts(folder, ['partition', 'dev', 'size', 'start'])
  if (attribute('partition') === '') return null
  const [name, numbers] = [basename(folder), attribute('dev')]
  const udev = udevProperties(await system.text(`/run/udev/data/b${numbers}`))
  const facts = await volumeFacts(system, folder, { udev, size: attribute('size') })
  facts.holders.push(...spreadOver(spread, name))
  const startBytes = Number(attribute('start')) * SECTOR_BYTES
  return { path: `/dev/${name}`, number: Number(attribute('partition')), numbers, startBytes, ...facts }
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

/** `ATA` is no vendor, and virtio says a number. */
function vendorOf(text: string): string {
  return text === 'ATA' || text.startsWith('0x') ? '' : text
}

/** The first that is not empty. */
function firstOf(texts: readonly string[]): string {
  return texts.find((text) => text !== '') ?? ''
}
