import type { BootEnvironment, Slot } from '../../contract/devices.ts'
import { toAppError } from '../../contract/errors.ts'
import type { Host } from '../host.ts'
import { Changes } from '../lib/changes.ts'
import { bootMachine } from './boot.ts'
import type { SlotName } from './bootloader.ts'
import { type ClientPhase, pollNow, runClient } from './client.ts'
import { type Machine, openMachine } from './machine.ts'
import type { DeviceOptions } from './options.ts'
import type { Controls } from './remote/commands.ts'
import { runConnect } from './remote/connect.ts'

/** What is seen of a simulated device from outside the client: slots, boot environment, console. */
export interface DeviceObservation {
  isPowered: boolean
  artifactName: string
  slots: Slot[]
  boot: BootEnvironment
  consoleLines: readonly string[]
  /** null while it does not wait for a poll. */
  nextPollAt: number | null
}

/** A simulated board: switched on and off like a real one, at any moment. All that it knows is on disk. */
export interface SimulatedDevice {
  readonly changes: Changes
  /** Switches on and answers when power is there; the rest happens by itself. */
  powerOn(): void
  /** Cuts the power wherever the device stands; answers when nothing of it runs any more. */
  powerOff(): Promise<void>
  /** As powerOff, without a word on the timeline: the program that simulates it ends. */
  stop(): Promise<void>
  observation(): DeviceObservation
}

/** Opens the device in its folder, making a new one where there is none. It is off. */
export async function createSimulatedDevice(options: DeviceOptions, host: Host): Promise<SimulatedDevice> {
  const changes = new Changes()
  return new Board(await openMachine(options, host, changes))
}

class Board implements SimulatedDevice {
  readonly #machine: Machine
  readonly #phase: ClientPhase = { nextPollAt: null, isPollDue: false, isInventoryDue: true, wake: () => undefined }
  #power: { abort: AbortController; life: Promise<void> } | null = null

  constructor(machine: Machine) {
    this.#machine = machine
  }

  get changes(): Changes {
    return this.#machine.changes
  }

  powerOn(): void {
    if (this.#power) return
    this.#machine.console.event('power', 'Power on')
    const abort = new AbortController()
    this.#power = { abort, life: this.#live(abort.signal) }
  }

  async powerOff(): Promise<void> {
    if (!this.#power) return
    await this.stop()
    this.#machine.console.event('power', 'Power off', 'warning')
  }

  async stop(): Promise<void> {
    const power = this.#power
    power?.abort.abort()
    await power?.life
    this.#machine.server.forgetToken()
    this.#machine.server.close()
    this.#machine.runningSlot = null
    this.#phase.nextPollAt = null
    this.#power = null
  }

  observation(): DeviceObservation {
    const { store, environment, console: serial } = this.#machine
    const slots = (['A', 'B'] as const).map((name) => this.#slot(name))
    return {
      isPowered: this.#power !== null,
      artifactName: store.record.artifactName,
      ...{ slots, boot: environment.value, consoleLines: serial.lines, nextPollAt: this.#phase.nextPollAt },
    }
  }

  /** Resets follow one another until the power goes. A client that dies is started again by a reset, as a watchdog would. */
  async #live(signal: AbortSignal): Promise<void> {
    const { console: serial, host, options } = this.#machine
    while (!signal.aborted) {
      try {
        const isUp = await bootMachine(this.#machine, signal)
        if (!isUp) return await untilAborted(signal)
        await this.#run(signal)
        if (!signal.aborted) serial.client('rebooting')
      } catch (thrown) {
        if (signal.aborted) return
        serial.client(`the client died: ${toAppError(thrown).message}`, 'error')
        await host.clock.sleep(options.intervals.retryMs, signal).catch(() => undefined)
      }
    }
  }

  /** The system from its start to a reboot: its client, and beside it the connection. */
  async #run(signal: AbortSignal): Promise<void> {
    const { options } = this.#machine
    const reset = new AbortController()
    const running = AbortSignal.any([signal, reset.signal])
    const controls: Controls = {
      checkUpdate: () => pollNow(this.#phase),
      sendInventory: () => {
        this.#phase.isInventoryDue = true
        pollNow(this.#phase)
      },
      reboot: () => reset.abort(),
    }
    const isConnected = options.hasConnect === true && options.faults.silence === 'none'
    const connection = isConnected ? runConnect(this.#machine, controls, running) : Promise.resolve()
    const goesOn = connection.catch((thrown: unknown) => this.#noConnection(thrown))
    try {
      await runClient(this.#machine, this.#phase, running)
    } catch (thrown) {
      if (!reset.signal.aborted) throw thrown
    } finally {
      reset.abort()
      await goesOn
    }
  }

  /** Without its connection the device goes on. */
  #noConnection(thrown: unknown): void {
    this.#machine.console.client(`no connection: ${toAppError(thrown).message}`, 'error')
  }

  #slot(name: SlotName): Slot {
    const { store, environment, runningSlot, writtenBytes, options } = this.#machine
    const record = store.record.slots[name]
    const { isUpgradeAvailable, bootSlot, bootCount } = environment.value
    const isRunning = runningSlot === name
    const isWriting = record.condition === 'writing'
    const isOnTrial = isUpgradeAvailable && bootSlot === name && bootCount > 0
    const isCommitted = isRunning || (!isUpgradeAvailable && bootSlot === name)
    return {
      name,
      artifactName: record.artifactName,
      isRunning,
      condition: isOnTrial ? 'trial' : isCommitted ? 'committed' : record.condition,
      writtenBytes: isWriting && writtenBytes !== null ? writtenBytes : record.writtenBytes,
      sizeBytes: options.slotSizeBytes,
    }
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
