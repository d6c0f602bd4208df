import type { Machine } from './machine.ts'
import { type UpdateEnd, beginUpdate, resumeUpdate } from './update.ts'
import { type Provides, inventoryBody } from './wire.ts'

/** What the device waits for, for whoever shows it. */
export interface ClientPhase {
  nextPollAt: number | null
  /** A poll was asked for, and none has begun since. */
  isPollDue: boolean
  /** The next poll sends the inventory too. */
  isInventoryDue: boolean
  /** Ends the wait for the next poll; without one nothing happens. */
  wake: () => void
}

/** Polls at once, or again after the poll that is under way: that may have had its answer already. */
export function pollNow(phase: ClientPhase): void {
  phase.isPollDue = true
  phase.wake()
}

/** Enough for the server to know its rhythm, and so to miss it. */
const POLLS_BEFORE_SILENCE = 3

/** The client from the start of the system until it asks for a reboot: takes up an unfinished update, then polls. */
export async function runClient(machine: Machine, phase: ClientPhase, signal: AbortSignal): Promise<void> {
  const { update } = machine.store.record
  machine.console.client(`virtual client of ${machine.options.name} starts, running ${machine.store.record.artifactName}`)
  const client = new Client(machine, phase, signal)
  if (machine.options.faults.silence === 'never') return client.stayQuiet('has no network')
  if (update !== null && (await resumeUpdate(machine, update, signal)) === 'reboot') return
  await client.poll()
}

class Client {
  readonly #machine: Machine
  readonly #phase: ClientPhase
  readonly #signal: AbortSignal
  #lastRefusal = ''

  constructor(machine: Machine, phase: ClientPhase, signal: AbortSignal) {
    this.#machine = machine
    this.#phase = phase
    this.#signal = signal
  }

  /** Until the power goes. */
  async stayQuiet(why: string): Promise<void> {
    this.#machine.console.client(`this virtual device ${why}; it will not be heard`, 'warning')
    await new Promise((resolve) => this.#signal.addEventListener('abort', resolve, { once: true }))
  }

  async poll(): Promise<void> {
    const { intervals, faults } = this.#machine.options
    let polls = 0
    this.#phase.isInventoryDue = true
    for (;;) {
      const { isInventoryDue } = this.#phase
      Object.assign(this.#phase, { isPollDue: false, isInventoryDue: false })
      const end = await this.#sync(isInventoryDue)
      if (end === 'reboot') return
      polls += end === 'trouble' ? 0 : 1
      if (faults.silence === 'soon' && polls === POLLS_BEFORE_SILENCE) return this.stayQuiet('goes silent')
      if (end !== 'none') this.#phase.isInventoryDue = true
      // After an update the next question follows at once: there may be another deployment.
      if (end !== 'over') await this.#wait(end === 'trouble' ? intervals.retryMs : intervals.pollMs)
    }
  }

  async #sync(isInventoryDue: boolean): Promise<UpdateEnd | 'none' | 'trouble'> {
    const { server, options } = this.#machine
    const access = await server.authenticate(this.#signal)
    if (access.kind !== 'accepted') return this.#trouble('not accepted yet', access.why)
    if (isInventoryDue) {
      const { name, mac } = options
      const sent = await server.sendInventory(inventoryBody({ ...this.#provides(), name, mac }), this.#signal)
      if (sent.kind !== 'taken') return this.#trouble('cannot send the inventory', sent.why)
    }
    this.#recovered()
    const next = await server.nextDeployment(this.#provides(), this.#signal)
    if (next.kind === 'none') return 'none'
    if (next.kind !== 'deployment') return this.#trouble('cannot ask for updates', next.why)
    this.#phase.nextPollAt = null
    return beginUpdate(this.#machine, next.instructions, this.#signal)
  }

  #provides(): Provides {
    const { artifactName, provides } = this.#machine.store.record
    return { artifactName, deviceType: this.#machine.options.deviceType, others: provides }
  }

  /** The same trouble again is not worth another line. */
  #trouble(what: string, why: string): 'trouble' {
    const text = `${what}: ${why}`
    if (text !== this.#lastRefusal) this.#machine.console.client(text, 'warning')
    this.#lastRefusal = text
    return 'trouble'
  }

  #recovered(): void {
    if (this.#lastRefusal !== '') this.#machine.console.client('accepted by the server')
    this.#lastRefusal = ''
  }

  async #wait(ms: number): Promise<void> {
    if (this.#phase.isPollDue) return
    this.#phase.nextPollAt = this.#machine.host.clock.now() + ms
    this.#machine.changes.bump()
    const wake = new AbortController()
    this.#phase.wake = () => wake.abort()
    try {
      await this.#machine.host.clock.sleep(ms, AbortSignal.any([this.#signal, wake.signal]))
    } catch (thrown) {
      if (!wake.signal.aborted || this.#signal.aborted) throw thrown
    } finally {
      this.#phase.wake = () => undefined
      this.#phase.nextPollAt = null
    }
  }
}
