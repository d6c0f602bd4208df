import { basename, dirname, resolve } from 'node:path'
import type { SerialPortFacts } from '../../../contract/serial.ts'
import type { Files, Host } from '../../host.ts'
import { compareNaturally } from '../../lib/natural-order.ts'

const SYSTEM = '/sys/class/tty'

type Port = Omit<SerialPortFacts, 'heldBy'>
/** The programs that have a port open, by its path: `minicom (1234)`. */
type Holders = ReadonlyMap<string, string[]>

/** The serial ports of this machine. On Linux as the kernel tells them, which needs no udev; elsewhere as the driver's package does. */
export async function listSerialPorts(files: Files, platform: string): Promise<SerialPortFacts[]> {
  const ports = await portsOf(files, platform)
  return withHolders(ports, await holdersOf(pathsOf(ports), files))
}

const LOOK_MS = 1000
/** Who has them open is looked for at every so manieth look: every file that any program has open is gone through for it. */
const HOLDER_LOOKS = 5

/** The ports now, and again when one comes or goes, and soon after one is opened or closed by another program. */
export async function* followPorts({ files, machine, clock }: Host, signal: AbortSignal): AsyncGenerator<SerialPortFacts[], void, void> {
  const before = { paths: '', told: '' }
  let holders: Holders = new Map()
  for (let look = 0; !signal.aborted; look += 1) {
    const ports = await portsOf(files, machine.platform)
    const paths = pathsOf(ports)
    if (look % HOLDER_LOOKS === 0 || paths.join() !== before.paths) holders = await holdersOf(paths, files)
    const told = withHolders(ports, holders)
    if (JSON.stringify(told) !== before.told) yield told
    Object.assign(before, { paths: paths.join(), told: JSON.stringify(told) })
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

const pathsOf = (ports: readonly Port[]): string[] => ports.map(({ path }) => path)

function withHolders(ports: readonly Port[], holders: Holders): SerialPortFacts[] {
  return ports.map((port) => ({ ...port, heldBy: holders.get(port.path) ?? [] }))
}

/** Those of USB first. */
async function portsOf(files: Files, platform: string): Promise<Port[]> {
  if (platform !== 'linux' || !(await files.stat(SYSTEM))) return fromPackage()
  const found: Port[] = []
  for (const name of await files.list(SYSTEM)) {
    const port = await fromSystem(name, files)
    if (port !== null) found.push(port)
  }
  return found.toSorted((a, b) => Number(b.usb !== null) - Number(a.usb !== null) || compareNaturally(a.path, b.path))
}

async function fromPackage(): Promise<Port[]> {
  const { SerialPort } = await import('serialport')
  const ports = await SerialPort.list()
  return ports.map(({ path, vendorId, productId, manufacturer, serialNumber, locationId }) => {
    const usb = { vendorId: vendorId ?? '', productId: productId ?? '', manufacturer: manufacturer ?? '', product: '' }
    return {
      ...{ path, driver: '' },
      usb: vendorId === undefined ? null : { ...usb, serialNumber: serialNumber ?? '', place: locationId ?? '' },
    }
  })
}

/** null for what is no port: consoles of the screen, ptys, and UARTs that the board has not. */
async function fromSystem(name: string, files: Files): Promise<Port | null> {
  const folder = `${SYSTEM}/${name}`
  const driverLink = (await files.statName(`${folder}/device/driver`).catch(() => null))?.target ?? ''
  if (driverLink === '') return null
  if ((await textOf(`${folder}/type`, files)) === '0') return null
  return { path: `/dev/${name}`, driver: basename(driverLink), usb: await usbOf(folder, files) }
}

/** Above the port lies its interface, and above that the device that says who made it. */
const ABOVE = ['device', 'device/..', 'device/../..', 'device/../../..']

async function usbOf(folder: string, files: Files): Promise<Port['usb']> {
  for (const above of ABOVE) {
    const at = (name: string) => textOf(`${folder}/${above}/${name}`, files)
    const vendorId = await at('idVendor')
    if (vendorId === '') continue
    const [productId, manufacturer, product, serialNumber] = await Promise.all(['idProduct', 'manufacturer', 'product', 'serial'].map(at))
    const place = `${await at('busnum')}-${await at('devpath')}`
    return {
      vendorId,
      ...{ productId: productId ?? '', manufacturer: manufacturer ?? '', product: product ?? '', serialNumber: serialNumber ?? '' },
      place,
    }
  }
  return null
}

/** A small text of /sys or /proc, whose size is not known beforehand; empty where there is none, or it may not be read. */
async function textOf(path: string, files: Files): Promise<string> {
  try {
    await using file = await files.open(path, 'read')
    const bytes = new Uint8Array(4096)
    return Buffer.from(bytes.subarray(0, await file.read(bytes, 0)))
      .toString()
      .trim()
  } catch {
    return ''
  }
}

/** The programs that have these ports, or what their links say, open. Those of other users are seen by root alone. */
export async function holdersOf(names: readonly string[], files: Files): Promise<Holders> {
  const holders = new Map<string, string[]>()
  const wanted = new Map<string, string>()
  for (const name of names) wanted.set(await behind(name, files), name)
  const pids = wanted.size === 0 ? [] : (await files.list('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    const held = new Set<string>()
    for (const fd of await files.list(`/proc/${pid}/fd`).catch((): string[] => [])) {
      const name = wanted.get((await files.statName(`/proc/${pid}/fd/${fd}`).catch(() => null))?.target ?? '')
      if (name !== undefined) held.add(name)
    }
    for (const name of held) holders.set(name, [...(holders.get(name) ?? []), `${await textOf(`/proc/${pid}/comm`, files)} (${pid})`])
  }
  return holders
}

async function behind(name: string, files: Files): Promise<string> {
  const link = (await files.statName(name).catch(() => null))?.target ?? ''
  return link === '' ? name : resolve(dirname(name), link)
}
