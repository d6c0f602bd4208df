import { describe, expect, it } from 'vitest'
import type { SerialPortFacts } from '../../contract/serial.ts'
import { type FakeHost, fakeHost } from '../host.fake.ts'
import { Changes } from '../lib/changes.ts'
import { systemFiles } from '../lib/system-files.ts'
import { Topologies } from './topologies.ts'
import { readUsb, usbPlaceOfDisk } from './usb.ts'

async function write({ files }: FakeHost, path: string, text: string): Promise<void> {
  await files.makeFolder(path.slice(0, path.lastIndexOf('/')))
  await using file = await files.open(path, 'edit')
  await file.write(Buffer.from(`${text}\n`), 0)
}

/** As sysfs shows the root of a bus, a hub in its socket 2, a reader in the hub's socket 1 with its interface, and a disk in the reader. */
async function machine(): Promise<FakeHost> {
  const host = fakeHost()
  const devices = '/sys/bus/usb/devices'
  await write(host, `${devices}/usb1/bDeviceClass`, '09')
  await write(host, `${devices}/1-2/bDeviceClass`, '09')
  await write(host, `${devices}/1-2.1/manufacturer`, 'Generic')
  await write(host, `${devices}/1-2.1/product`, 'STORAGE DEVICE')
  await host.files.makeFolder(`${devices}/1-2.1:1.0`)
  await host.files.makeFolder('/sys/block')
  const disk = '../devices/pci0000:00/0000:00:14.0/usb1/1-2/1-2.1/1-2.1:1.0/host6/target6:0:0/6:0:0:0/block/sdb'
  await host.files.makeLink('/sys/block/sdb', disk)
  await host.files.makeLink('/sys/block/nvme0n1', '../devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1')
  return host
}

describe('USB', () => {
  it('is read out of sysfs: devices and hubs, without interfaces and the roots of buses', async () => {
    const system = systemFiles((await machine()).files)
    expect(await readUsb(system)).toEqual([
      { place: '1-2', name: 'USB hub', isHub: true },
      { place: '1-2.1', name: 'Generic STORAGE DEVICE', isHub: false },
    ])
    expect(await usbPlaceOfDisk(system, 'sdb')).toBe('1-2.1')
    expect(await usbPlaceOfDisk(system, 'nvme0n1')).toBeNull()
  })
})

it('what hangs where is told again when a port comes, and stops when nobody looks any more', async () => {
  const [devices, drives] = [new Changes(), new Changes()]
  const plugged = Promise.withResolvers<SerialPortFacts>()
  let isWatched = false
  async function* ports(signal: AbortSignal): AsyncGenerator<SerialPortFacts[], void, void> {
    yield [await plugged.promise]
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  }
  async function* boards(): AsyncGenerator<{ boards: [] }, void, void> {
    yield { boards: [] }
  }
  function watch(): Disposable {
    isWatched = true
    return { [Symbol.dispose]: () => void (isWatched = false) }
  }
  const topologies = new Topologies({
    ...{ host: await machine(), ports, boards },
    drives: { changes: drives, list: () => Promise.resolve([]), watch },
    devices: { changes: devices, list: () => [{ id: 'one', isVirtual: true, addresses: [] }] },
  })
  const seen = topologies.follow(new AbortController().signal)
  const names = async (): Promise<string[]> => ((await seen.next()).value ?? []).map(({ name }) => name)
  expect(await names()).toEqual(['USB', 'USB hub', 'Virtual'])
  expect(isWatched).toBe(true)
  plugged.resolve({ path: '/dev/ttyS4', driver: 'serial8250', usb: null, heldBy: [] })
  expect(await names()).toEqual(['USB', 'USB hub', 'Built-in serial ports', '/dev/ttyS4', 'Virtual'])
  await seen.return()
  expect(isWatched).toBe(false)
})
