import { createHash } from 'node:crypto'
import type { BootEnvironment } from '../../contract/devices.ts'
import type { Host } from '../host.ts'
import type { Changes } from '../lib/changes.ts'
import { readChunks, readWhole, writeAtomic } from '../lib/file-streams.ts'
import { type SlotName, FACTORY_ENVIRONMENT, formatEnvironment, parseEnvironment } from './bootloader.ts'
import { ServerConnection } from './client-http.ts'
import { BoardConsole } from './console.ts'
import { DeploymentLog } from './deployment-log.ts'
import { openDeviceKey } from './device-key.ts'
import type { DeviceOptions } from './options.ts'
import { makeSlots, slotPath } from './slots.ts'
import { type DeviceRecord, DeviceStore } from './store.ts'
import { identityOf } from './wire.ts'

/** The parts of one simulated board that its bootloader, kernel and client share. */
export interface Machine {
  readonly options: DeviceOptions
  readonly host: Host
  readonly changes: Changes
  readonly console: BoardConsole
  readonly environment: BootMemory
  readonly store: DeviceStore
  readonly log: DeploymentLog
  readonly server: ServerConnection
  /** The slot whose system runs; null while none does. */
  runningSlot: SlotName | null
  /** Bytes written so far into the slot that is being written. */
  writtenBytes: number | null
}

/** The bootloader's environment on disk. */
export class BootMemory {
  readonly #host: Host
  readonly #path: string
  #environment: BootEnvironment

  private constructor(host: Host, path: string, environment: BootEnvironment) {
    this.#host = host
    this.#path = path
    this.#environment = environment
  }

  static async open(host: Host, path: string): Promise<BootMemory> {
    if (await host.files.stat(path)) {
      return new BootMemory(host, path, parseEnvironment(new TextDecoder().decode(await readWhole(host.files, path))))
    }
    const memory = new BootMemory(host, path, FACTORY_ENVIRONMENT)
    await memory.save(FACTORY_ENVIRONMENT)
    return memory
  }

  get value(): BootEnvironment {
    return this.#environment
  }

  async save(environment: BootEnvironment): Promise<void> {
    await writeAtomic(this.#host.files, this.#path, new TextEncoder().encode(formatEnvironment(environment)))
    this.#environment = environment
  }
}

/** Opens a board in its folder, and makes what a new one lacks. */
export async function openMachine(options: DeviceOptions, host: Host, changes: Changes): Promise<Machine> {
  const { folder, serverUrl, caPem } = options
  await host.files.makeFolder(folder)
  const key = await openDeviceKey(host.files, `${folder}/key.pem`, options.keyAlgorithm)
  const store = await DeviceStore.open(host.files, `${folder}/store.json`, () => makeFactoryState(options, host))
  const environment = await BootMemory.open(host, `${folder}/uboot.env`)
  const log = new DeploymentLog(host.files, `${folder}/deployment.log`)
  await log.resume()
  return {
    ...{ options, host, changes, environment, store, log },
    console: new BoardConsole(host.clock, changes, options.onEvent ?? (() => undefined)),
    server: new ServerConnection({ serverUrl, caPem, identity: identityOf(options), key }),
    runningSlot: null,
    writtenBytes: null,
  }
}

/** The state of a board that has just left the factory. The slots come first: the store says that they are there. */
async function makeFactoryState({ folder, slotSizeBytes, factory }: DeviceOptions, host: Host): Promise<DeviceRecord> {
  const writtenBytes = await makeSlots(host.files, folder, slotSizeBytes, factory.imagePath)
  await using slot = await host.files.open(slotPath(folder, 'A'), 'read')
  const hash = createHash('sha256')
  for await (const chunk of readChunks(slot, 0, writtenBytes)) hash.update(chunk)
  return {
    artifactName: factory.artifactName,
    provides: { 'rootfs-image.version': factory.artifactName, 'rootfs-image.checksum': hash.digest('hex') },
    slots: {
      A: { artifactName: factory.artifactName, condition: 'idle', writtenBytes },
      B: { artifactName: null, condition: 'empty', writtenBytes: 0 },
    },
    update: null,
  }
}
