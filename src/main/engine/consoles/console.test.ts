import { expect, it, vi } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { type LineSettings, lineSettings } from '../../contract/serial.ts'
import { fakeHost } from '../host.fake.ts'
import type { HostFile } from '../host.ts'
import { Console } from './console.ts'
import { Consoles } from './consoles.ts'
import type { ConsoleLine, ConsoleRoad } from './line.ts'
import { ConsoleLogs } from './logs.ts'

const gone = new AppError('DEVICE_UNREACHABLE', 'The port went away', 'Plug it in again.')

/** A serial port that can be pulled, and refuse to be opened. */
class Port {
  readonly settings: LineSettings[] = []
  #lost = Promise.withResolvers<void>()
  refuses: AppError | null = null
  isBack: () => Promise<boolean> = async () => true

  readonly road: ConsoleRoad = {
    ...{ kind: 'serial', place: '/dev/ttyTEST0', isSingle: true },
    open: async (settings) => this.#open(settings ?? lineSettings.parse({})),
    isBack: () => this.isBack(),
  }

  pull(): void {
    this.#lost.reject(gone)
  }

  #open(settings: LineSettings): ConsoleLine {
    if (this.refuses) throw this.refuses
    this.settings.push(settings)
    this.#lost = Promise.withResolvers<void>()
    const ofLine = { ...settings }
    return {
      onData: () => () => undefined,
      write: async () => undefined,
      ended: this.#lost.promise,
      serial: {
        settings: ofLine,
        setBaudRate: async (baudRate) => void (ofLine.baudRate = baudRate),
        findBaudRate: async () => (ofLine.baudRate = 9600),
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
  }
}

/** A console on it, and time that passes while it is waited for. */
async function openOn(port: Port, { clock, ...host } = fakeHost()) {
  const logs = new ConsoleLogs({ ...host, clock }, '/consoles')
  const opened = await Console.open(
    port.road,
    { clock, logs, changed: () => undefined, printed: () => undefined },
    { id: 'one', deviceId: null, settings: null },
  )
  const passes = async (isSo: () => boolean) => {
    const look = () => {
      clock.advance(1000)
      return isSo()
    }
    await expect.poll(look).toBe(true)
  }
  return Object.assign(opened, { passes, [Symbol.asyncDispose]: () => opened.close() })
}

it('a console comes back also when it could not be seen for a while whether its port is there', async () => {
  const port = new Port()
  await using console = await openOn(port)
  port.isBack = async () => {
    throw new AppError('PERMISSION', 'Cannot look into /dev', 'Wait.')
  }
  port.pull()
  await console.passes(() => console.view().why?.code === 'PERMISSION')
  port.isBack = async () => true
  await console.passes(() => console.view().state === 'open')
  expect(console.view().why).toBeNull()
})

it('a console comes back with the rate that was found', async () => {
  const port = new Port()
  await using console = await openOn(port)
  await console.during('job', async ({ serial }) => serial?.findBaudRate(new AbortController().signal))
  port.pull()
  await console.passes(() => port.settings.length === 2)
  expect(port.settings.map(({ baudRate }) => baudRate)).toEqual([115_200, 9600])
})

it('a console whose port does not open with other settings says why, and comes back as it was', async () => {
  const port = new Port()
  await using console = await openOn(port)
  port.refuses = new AppError('PORT_IN_USE', 'The port is in use by minicom', 'Close it there.')
  const asked = lineSettings.parse({ stopBits: 2 })
  await expect(console.setLine(asked)).rejects.toBe(port.refuses)
  expect(console.view()).toMatchObject({ state: 'away', why: { code: 'PORT_IN_USE' } })
  port.refuses = null
  await console.passes(() => console.view().state === 'open')
  expect(console.view().settings).toEqual(lineSettings.parse({}))
  await console.setLine(asked)
  expect(console.view().settings).toEqual(asked)
})

it('a console that joins two devices at the same moment, and is closed meanwhile, leaves no log open', async () => {
  const host = fakeHost()
  const left = new Set<HostFile>()
  const open = host.files.open.bind(host.files)
  vi.spyOn(host.files, 'open').mockImplementation(async (...args) => {
    const file = await open(...args)
    const close = file[Symbol.asyncDispose].bind(file)
    left.add(file)
    vi.spyOn(file, Symbol.asyncDispose).mockImplementation(async () => {
      left.delete(file)
      await close()
    })
    return file
  })
  const console = await openOn(new Port(), host)
  await Promise.all([console.join('one'), console.join('two')])
  expect(console.deviceId).toBe('two')
  expect(left.size).toBe(1)
  await Promise.all([console.join('three'), console.close()])
  expect(left.size).toBe(0)
})

it('a port that two open at the same moment is one console', async () => {
  const port = new Port()
  let count = 0
  const consoles = new Consoles({
    ...{ host: fakeHost(), folder: '/consoles', newId: () => `console-${(count += 1)}` },
    startJob: () => ({ id: 'none' }),
    joined: { get: () => null, set: () => undefined },
  })
  const opened = await Promise.all([consoles.open(port.road, {}), consoles.open(port.road, {})])
  expect(opened).toEqual([{ id: 'console-1' }, { id: 'console-1' }])
  expect(port.settings).toHaveLength(1)
  await consoles.closeAll()
})
