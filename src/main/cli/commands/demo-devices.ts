import { type DeviceObservation, type SimulatedDevice, createSimulatedDevice } from '../../engine/device/device.ts'
import { DEFAULT_INTERVALS, type DeviceEvent, NO_FAULTS } from '../../engine/device/options.ts'
import { slotPath } from '../../engine/device/slots.ts'
import { AppError } from '../../contract/errors.ts'
import { DEMO_FACTORY, DEMO_TYPE, type DemoKey, sha256Of } from './demo-build.ts'
import type { DemoWork } from './demo-story.ts'

const SLOT_BYTES = 32 << 20
const SPEED = 8_000_000

interface DemoDevice {
  device: SimulatedDevice
  name: string
  mac: string
  folder: string
  events: DeviceEvent[]
}

interface DemoDeviceOptions {
  count: number
  serverUrl: string
  key: DemoKey
  /** What is in slot A when they are new. */
  imagePath: string
}

/** The virtual devices of the demo: all of them good ones, which verify signatures with the demo's key. */
export class DemoDevices {
  readonly #work: DemoWork
  readonly #options: DemoDeviceOptions
  #devices: DemoDevice[] = []

  constructor(work: DemoWork, options: DemoDeviceOptions) {
    this.#work = work
    this.#options = options
  }

  get all(): readonly DemoDevice[] {
    return this.#devices
  }

  async start(): Promise<void> {
    const { host, folder } = this.#work
    const { count, serverUrl, key, imagePath } = this.#options
    for (let number = 1; number <= count; number++) {
      const name = `virtual-${number}`
      const mac = `02:00:00:00:00:${number.toString(16).padStart(2, '0')}`
      const events: DeviceEvent[] = []
      const own = `${folder}/${name}`
      const device = await createSimulatedDevice(
        {
          ...{ name, mac, folder: own, deviceType: DEMO_TYPE, keyAlgorithm: 'p256', slotSizeBytes: SLOT_BYTES },
          factory: { artifactName: DEMO_FACTORY, imagePath },
          ...{ serverUrl: () => serverUrl, caPem: () => null, verificationKeys: () => [{ name: 'demo', publicKeyPem: key.publicKeyPem }] },
          faults: { ...NO_FAULTS, speedBytesPerSecond: SPEED },
          intervals: { ...DEFAULT_INTERVALS, pollMs: 1000, retryMs: 500, bootMs: 800 },
          onEvent: (event) => events.push(event),
        },
        host,
      )
      this.#devices.push({ device, name, mac, folder: own, events })
      device.powerOn()
    }
  }

  observe(mac: string): DeviceObservation & { name: string; running: 'A' | 'B' | null } {
    const { device, name } = this.#find(mac)
    const observation = device.observation()
    return { ...observation, name, running: observation.slots.find(({ isRunning }) => isRunning)?.name ?? null }
  }

  /** SHA-256 of the first bytes of a slot. */
  slotSha256(mac: string, slot: 'A' | 'B', lengthBytes: number): Promise<string> {
    return sha256Of(this.#work.host, slotPath(this.#find(mac).folder, slot), lengthBytes)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#devices.map(({ device }) => device.stop()))
    this.#devices = []
  }

  #find(mac: string): DemoDevice {
    const found = this.#devices.find((each) => each.mac === mac)
    if (!found) throw new AppError('NOT_FOUND', `There is no virtual device ${mac}`)
    return found
  }
}
