import { basename, dirname, resolve } from 'node:path'
import type { SerialPortFacts } from '../../../contract/serial.ts'
import type { Files, Host } from '../../host.ts'

const SYSTEM = '/sys/class/tty'

/** The serial ports of this machine. On Linux as the kernel tells them, which needs no udev; elsewhere as the driver's package does. */
export async function listSerialPorts(files: Files, platform: string): Promise<SerialPortFacts[]> {
  if (platform !== 'linux' || !(await files.stat(SYSTEM))) return fromPackage()
  const found: SerialPortFacts[] = []
  for (const name of await files.list(SYSTEM)) {
    const facts = await fromSystem(name, files)
    if (facts !== null) found.push({ ...facts, heldBy: await holdersOf(facts.path, files) })
  }
  return found.toSorted((a, b) => Number(b.usb !== null) - Number(a.usb !== null) || a.path.localeCompare(b.path, 'en', { numeric: true }))
}

const LOOK_MS = 1000

/** The ports now, and again when one comes or goes, or is opened or closed by another program. */
export async function* followPorts({ files, machine, clock }: Host, signal: AbortSignal): AsyncGenerator<SerialPortFacts[], void, void> {
  for (let before = ''; !signal.aborted;) {
    const ports = await listSerialPorts(files, machine.platform)
    const now = JSON.stringify(ports)
    if (now !== before) yield ports
    before = now
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

async function fromPackage(): Promise<SerialPortFacts[]> {
  const { SerialPort } = await import('serialport')
  const ports = await SerialPort.list()
  return ports.map(({ path, vendorId, productId, manufacturer, serialNumber, locationId }) => {
    const usb = { vendorId: vendorId ?? '', productId: productId ?? '', manufacturer: manufacturer ?? '', product: '' }
    return {
      ...{ path, driver: '', heldBy: [] },
      usb: vendorId === undefined ? null : { ...usb, serialNumber: serialNumber ?? '', place: locationId ?? '' },
    }
  })
}

/** null for what is no port: consoles of the screen, ptys, and UARTs that the board has not. */
async function fromSystem(name: string, files: Files): Promise<Omit<SerialPortFacts, 'heldBy'> | null> {
  const folder = `${SYSTEM}/${name}`
  const driverLink = (await files.statName(`${folder}/device/driver`).catch(() => null))?.target ?? ''
  if (driverLink === '') return null
  if ((await textOf(`${folder}/type`, files)) === '0') return null
  return { path: `/dev/${name}`, driver: basename(driverLink), usb: await usbOf(folder, files) }
}

/** Above the port lies its interface, and above that the device that says who made it. */
const ABOVE = ['device', 'device/..', 'device/../..', 'device/../../..']

async function usbOf(folder: string, files: Files): Promise<SerialPortFacts['usb']> {
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

/** The programs that have a port, or what its link says, open: `minicom (1234)`. Those of other users are seen by root alone. */
export async function holdersOf(name: string, files: Files): Promise<string[]> {
  const link = (await files.statName(name).catch(() => null))?.target ?? ''
  const path = link === '' ? name : resolve(dirname(name), link)
  const found: string[] = []
  const pids = (await files.list('/proc').catch((): string[] => [])).filter((name) => /^\d+$/.test(name))
  for (const pid of pids) {
    for (const fd of await files.list(`/proc/${pid}/fd`).catch((): string[] => [])) {
      const target = (await files.statName(`/proc/${pid}/fd/${fd}`).catch(() => null))?.target
      if (target !== path) continue
      found.push(`${await textOf(`/proc/${pid}/comm`, files)} (${pid})`)
      break
    }
  }
  return found
}
