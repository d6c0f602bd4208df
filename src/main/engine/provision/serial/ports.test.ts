import { describe, expect, it } from 'vitest'
import { type FakeHost, fakeHost } from '../../host.fake.ts'
import { nodeHost } from '../../host.node.ts'
import { followPorts, listSerialPorts } from './ports.ts'

async function write({ files }: FakeHost, path: string, text: string): Promise<void> {
  await files.makeFolder(path.slice(0, path.lastIndexOf('/')))
  await using file = await files.open(path, 'edit')
  await file.write(Buffer.from(`${text}\n`), 0)
}

/** As sysfs shows a USB adapter, a UART that is there and one that is not, a pty and a console of the screen. */
async function machine(): Promise<FakeHost> {
  const host = fakeHost()
  const tty = '/sys/class/tty'
  for (const [name, driver] of [['ttyUSB0', 'ftdi_sio'] as const, ['ttyS0', 'serial8250'] as const, ['ttyS1', 'serial8250'] as const]) {
    await host.files.makeFolder(`${tty}/${name}/device`)
    await host.files.makeLink(`${tty}/${name}/device/driver`, `../../../bus/drivers/${driver}`)
  }
  await write(host, `${tty}/ttyS0/type`, '4')
  await write(host, `${tty}/ttyS1/type`, '0')
  await host.files.makeFolder(`${tty}/tty1`)
  const usb = {
    idVendor: '0403',
    idProduct: '6001',
    manufacturer: 'FTDI',
    product: 'FT232R',
    serial: 'A50285BI',
    busnum: '1',
    devpath: '2.4',
  }
  for (const [name, text] of Object.entries(usb)) await write(host, `${tty}/ttyUSB0/device/../../${name}`, text)
  return host
}

const ADAPTER = { vendorId: '0403', productId: '6001', manufacturer: 'FTDI', product: 'FT232R', serialNumber: 'A50285BI', place: '1-2.4' }

describe('the serial ports', () => {
  it('are listed with their adapters, those of USB first, without what is no port', async () => {
    const { files } = await machine()
    expect(await listSerialPorts(files, 'linux')).toEqual([
      { path: '/dev/ttyUSB0', driver: 'ftdi_sio', usb: ADAPTER, heldBy: [] },
      { path: '/dev/ttyS0', driver: 'serial8250', usb: null, heldBy: [] },
    ])
  })

  it('say who has them open', async () => {
    const host = await machine()
    await write(host, '/proc/77/comm', 'minicom')
    await host.files.makeFolder('/proc/77/fd')
    await host.files.makeLink('/proc/77/fd/3', '/dev/ttyUSB0')
    expect(await listSerialPorts(host.files, 'linux')).toMatchObject([{ heldBy: ['minicom (77)'] }, { heldBy: [] }])
  })

  it('are told again when one is unplugged', async () => {
    const host = await machine()
    const abort = new AbortController()
    const ports = followPorts(host, abort.signal)
    expect((await ports.next()).value).toHaveLength(2)
    await host.files.remove('/sys/class/tty/ttyUSB0')
    const next = ports.next()
    // Until it sleeps, time does not pass for it.
    const ticking = setInterval(() => host.clock.advance(1000), 5)
    expect((await next).value).toHaveLength(1)
    clearInterval(ticking)
    abort.abort()
    expect(await ports.next()).toEqual({ done: true, value: undefined })
  })

  it('are told again when another program opens one', async () => {
    const host = await machine()
    const abort = new AbortController()
    const ports = followPorts(host, abort.signal)
    expect((await ports.next()).value).toMatchObject([{ heldBy: [] }, { heldBy: [] }])
    await write(host, '/proc/77/comm', 'minicom')
    await host.files.makeFolder('/proc/77/fd')
    for (const [fd, name] of ['ttyS0', 'ttyUSB0', 'ttyUSB0'].entries()) await host.files.makeLink(`/proc/77/fd/${fd}`, `/dev/${name}`)
    const next = ports.next()
    const ticking = setInterval(() => host.clock.advance(1000), 5)
    expect((await next).value).toMatchObject([{ heldBy: ['minicom (77)'] }, { heldBy: ['minicom (77)'] }])
    clearInterval(ticking)
    abort.abort()
  })

  it('of this machine are real ones', async () => {
    for (const { path } of await listSerialPorts(nodeHost().files, 'linux')) expect(path).toMatch(/^\/dev\/tty/)
  })
})
