import { expect, it, vi } from 'vitest'
import { AppError } from '../../contract/errors.ts'
import { type LineSettings, lineSettings } from '../../contract/serial.ts'
import { fakeHost } from '../host.fake.ts'
import { Console } from './console.ts'
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
async function openOn(port: Port) {
  const { clock, ...host } = fakeHost()
  const logs = new ConsoleLogs({ ...host, clock }, '/consoles')
  const opened = await Console.open(
    port.road,
    { clock, logs, changed: () => undefined, printed: () => undefined },
    { id: 'one', deviceId: null, settings: null },
  )
  const passes = (isSo: () => boolean) =>
    vi.waitUntil(() => {
      clock.advance(1000)
      return isSo()
    })
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
