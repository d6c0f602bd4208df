import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { type BoardProfile, type SimulatedBoard, boardProfile } from '../../contract/simulated.ts'
import type { VerificationKey } from '../artifact/sign.ts'
import type { Host } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { readWhole, writeAtomic } from '../lib/file-streams.ts'
import { BENCH_ARTIFACT_NAMES } from './bench-artifacts.ts'
import { type DeviceObservation, type SimulatedDevice, createSimulatedDevice } from './device.ts'
import { identityOf } from './wire.ts'
import { DEFAULT_INTERVALS, type DeviceEvent, type Faults, type Intervals, NO_FAULTS } from './options.ts'

/** The device type of every board of the bench; its artifacts are for this type. */
export const BENCH_DEVICE_TYPE = 'virtual'

const SLOT_BYTES = 32 * 1024 * 1024
const SHOWN_LINES = 200

/** How a profile differs from a board that does everything right. */
const PROFILES: Readonly<Record<BoardProfile, { name: string; faults: Partial<Faults> }>> = {
  good: { name: 'good', faults: {} },
  'fails-to-boot': { name: 'fails to boot', faults: { failAt: 'reboot' } },
  slow: { name: 'slow network', faults: { speedBytesPerSecond: 1_000_000 } },
  silent: { name: 'silent', faults: { silence: 'soon' } },
}

const boardRecord = z.object({ id: z.string(), name: z.string(), mac: z.string(), profile: boardProfile, isOn: z.boolean() })
type BoardRecord = z.infer<typeof boardRecord>

export interface VirtualBenchOptions {
  host: Host
  /** The bench's own folder, absolute. */
  folder: string
  serverUrl: () => string
  caPem: () => string | null
  verificationKeys: () => readonly VerificationKey[]
  onEvent?: (identity: Record<string, string>, event: DeviceEvent) => void
  intervals?: Partial<Intervals>
}

/** What the bench sees of one of its boards. */
export interface BoardObservation extends DeviceObservation {
  id: string
  name: string
  profile: BoardProfile
  at: number
}

/** The simulated boards that belong to a bench; they come back when it is opened again. */
export interface VirtualBench {
  readonly changes: Changes
  list(): SimulatedBoard[]
  /** null for an identity that is none of the bench's boards. */
  observe(identity: Readonly<Record<string, unknown>>): BoardObservation | null
  /** The identity of each board, as the server knows it. */
  identities(): Record<string, string>[]
  /** Makes the boards that are missing, one of each profile, and switches all of them on. */
  start(): Promise<void>
  /** Brings back the boards of the last time, each switched on or off as it was. */
  restore(): Promise<void>
  /** Unknown ids are ignored. */
  setPower(id: string, isOn: boolean): Promise<void>
  /** Switches all boards off and forgets them with everything they had on disk. */
  removeAll(): Promise<void>
  /** The program ends: nothing of the boards runs any more, and they come back with `restore`. */
  stop(): Promise<void>
}

export function createVirtualBench(options: VirtualBenchOptions): VirtualBench {
  return new Bench(options)
}

class Bench implements VirtualBench {
  readonly changes = new Changes()
  readonly #options: VirtualBenchOptions
  readonly #boards = new Map<string, { record: BoardRecord; device: SimulatedDevice }>()
  #lastTurn: Promise<void> = Promise.resolve()

  constructor(options: VirtualBenchOptions) {
    this.#options = options
  }

  list(): SimulatedBoard[] {
    return [...this.#boards.values()].map(({ record: { id, name, profile }, device }) => {
      const { isPowered, consoleLines } = device.observation()
      return { id, name, profile, isRunning: isPowered, consoleLines: consoleLines.slice(-SHOWN_LINES) }
    })
  }

  observe(identity: Readonly<Record<string, unknown>>): BoardObservation | null {
    const found = [...this.#boards.values()].find(({ record }) => record.mac === identity['mac'])
    if (!found) return null
    const { id, name, profile } = found.record
    return { ...found.device.observation(), id, name, profile, at: this.#options.host.clock.now() }
  }

  identities(): Record<string, string>[] {
    return [...this.#boards.values()].map(({ record }) => identityOf(record))
  }

  start(): Promise<void> {
    return this.#inTurn(() => this.#start())
  }

  restore(): Promise<void> {
    return this.#inTurn(() => this.#restore())
  }

  setPower(id: string, isOn: boolean): Promise<void> {
    return this.#inTurn(() => this.#setPower(id, isOn))
  }

  removeAll(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#stop()
      await this.#options.host.files.remove(this.#options.folder)
    })
  }

  stop(): Promise<void> {
    return this.#inTurn(() => this.#stop())
  }

  /** One order after the other: a board that is being made or switched off would miss the next one. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => undefined)
    return turn
  }

  async #start(): Promise<void> {
    for (const [index, profile] of boardProfile.options.entries()) {
      const known = [...this.#boards.values()].some(({ record }) => record.profile === profile)
      const id = `virt-${String(index + 1).padStart(2, '0')}`
      if (!known) await this.#open({ id, name: `${id} ${PROFILES[profile].name}`, mac: newMac(), profile, isOn: true })
    }
    for (const { record, device } of this.#boards.values()) {
      record.isOn = true
      device.powerOn()
    }
    await this.#save()
  }

  async #restore(): Promise<void> {
    const path = this.#path()
    if (!(await this.#options.host.files.stat(path))) return
    const records = z.array(boardRecord).parse(JSON.parse(new TextDecoder().decode(await readWhole(this.#options.host.files, path))))
    for (const record of records) await this.#open(record)
    for (const { record, device } of this.#boards.values()) if (record.isOn) device.powerOn()
    this.changes.bump()
  }

  async #setPower(id: string, isOn: boolean): Promise<void> {
    const found = this.#boards.get(id)
    if (!found) return
    if (isOn) found.device.powerOn()
    else await found.device.powerOff()
    found.record.isOn = isOn
    await this.#save()
  }

  async #stop(): Promise<void> {
    await Promise.all([...this.#boards.values()].map(({ device }) => device.stop()))
    this.#boards.clear()
    this.changes.bump()
  }

  async #open(record: BoardRecord): Promise<void> {
    const { host, folder, serverUrl, caPem, verificationKeys, onEvent, intervals } = this.#options
    const { id, name, mac, profile } = record
    const device = await createSimulatedDevice(
      {
        ...{ name, mac, serverUrl, caPem, verificationKeys },
        folder: `${folder}/${id}`,
        deviceType: BENCH_DEVICE_TYPE,
        keyAlgorithm: 'p256',
        slotSizeBytes: SLOT_BYTES,
        factory: { artifactName: BENCH_ARTIFACT_NAMES.first, imagePath: null },
        faults: { ...NO_FAULTS, ...PROFILES[profile].faults },
        intervals: { ...DEFAULT_INTERVALS, ...intervals },
        hasConnect: true,
        onEvent: (event) => onEvent?.(identityOf(record), event),
      },
      host,
    )
    this.#boards.set(id, { record, device })
    this.#forward(device)
  }

  /** A change of a board is a change of the bench. */
  #forward(device: SimulatedDevice): void {
    device.changes.onNext(() => {
      this.#forward(device)
      this.changes.bump()
    })
  }

  async #save(): Promise<void> {
    const records = [...this.#boards.values()].map(({ record }) => record)
    await this.#options.host.files.makeFolder(this.#options.folder)
    await writeAtomic(this.#options.host.files, this.#path(), new TextEncoder().encode(`${JSON.stringify(records, null, 1)}\n`))
    this.changes.bump()
  }

  #path(): string {
    return `${this.#options.folder}/boards.json`
  }
}

/** A random address of the range that nobody makes hardware with (locally administered). */
function newMac(): string {
  return ['02', ...Array.from(randomBytes(5), (byte) => byte.toString(16).padStart(2, '0'))].join(':')
}
