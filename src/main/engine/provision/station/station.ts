import type { Drive } from '../../../contract/drives.ts'
import { AppError, toAppError } from '../../../contract/errors.ts'
import { type StationSetup, type StationView, type UnitRecord, stationSetup } from '../../../contract/station.ts'
import { Changes } from '../../lib/changes.ts'
import { Ledger } from '../ledger.ts'
import { allocate, identityOf, seriesRow } from '../unit/allocate.ts'
import { recoverUnits, withdrawn } from '../unit/make-unit.ts'
import type { Unit } from '../unit/units.ts'
import { SlotLane } from './lane.ts'
import type { StationParts } from './parts.ts'
import { Pin } from './pin.ts'
import { type Prepared, prepare } from './prepare.ts'
import { parseScan } from './scanned.ts'
import { cardIdOf, slotOf } from './slots.ts'
import { leftOf, orderView } from './work-orders.ts'

interface Start {
  setup: StationSetup
  slots: readonly string[]
  operator: string
  order: string | null
}

/** What goes on between switching on and off. */
interface Run extends Start {
  /** Whoever has switched it on may switch it off. */
  key: string
  abort: AbortController
  lanes: SlotLane[]
  prepared: Prepared | null
  /** When the slots are armed no more, or were never. */
  ended: Promise<void>
  /** Switching it off; null until somebody does. */
  leaving: Promise<void> | null
  good: number
  failed: number
  /** The serial number that a person has asked for. */
  wanted: string | null
}

/** How often the slots are looked at where nothing says that something changed. */
const LOOK_MS = 700
const [SETUP, PIN] = ['setup', 'pin']

/** Makes units out of cards all day: hands-free, in armed slots alone. */
export class Station implements AsyncDisposable {
  readonly changes = new Changes()
  readonly #parts: StationParts
  readonly #pin: Pin
  #opened: Ledger | null = null
  #run: Run | null = null
  #said: StationView['said'] = null

  constructor(parts: StationParts) {
    this.#parts = parts
    const store = { get: () => this.ledger.orders.setting(PIN), set: (value: unknown) => this.ledger.orders.set(PIN, value) }
    this.#pin = new Pin(store, () => parts.host.clock.now())
  }

  /** Most engines never need it. */
  get ledger(): Ledger {
    const { folder, host } = this.#parts
    return (this.#opened ??= Ledger.open(`${folder}/provision.db`, () => host.clock.now()))
  }

  view(): StationView {
    const pin = { hasPin: this.#pin.isSet, pinBlockedUntil: this.#pin.blockedUntil }
    const run = this.#run
    if (run !== null) return { ...this.#viewOf(run), said: this.#said, ...pin }
    const kept = stationSetup.safeParse(this.ledger.orders.setting(SETUP))
    const off = { slots: [], operator: '', order: null, lanes: [], good: 0, failed: 0 }
    return { state: 'off', setup: kept.success ? kept.data : null, ...off, said: this.#said, ...pin }
  }

  async setPin({ oldPin, pin }: { oldPin: string | null; pin: string | null }): Promise<void> {
    await this.#pin.check(oldPin)
    await this.#pin.set(pin)
    this.changes.bump()
  }

  /** Resolves when the slots are armed. Answers what ends it without the PIN. CONFLICT when it is on. */
  async start(request: Start): Promise<{ key: string }> {
    if (this.#run !== null) throw new AppError('CONFLICT', 'The station is on already', 'Switch it off first.')
    if (request.order !== null) this.ledger.orders.get(request.order)
    const run: Run = {
      ...{
        ...request,
        key: this.#parts.newId(),
        abort: new AbortController(),
        lanes: [],
        prepared: null,
        ended: Promise.resolve(),
        leaving: null,
      },
      ...{ good: 0, failed: 0, wanted: null },
    }
    this.ledger.orders.set(SETUP, request.setup)
    this.#run = run
    this.#tell('The image is read')
    const arming = this.#arm(run)
    run.ended = arming.catch(() => undefined)
    await arming
    return { key: run.key }
  }

  async #arm(run: Run): Promise<void> {
    const { signal } = run.abort
    try {
      // What a bench that was killed has left: among it private keys.
      await this.#parts.host.files.remove(`${this.#parts.folder}/station`)
      await this.#parts.host.files.makeFolder(`${this.#parts.folder}/station`)
      const prepared = await prepare(run.setup, this.#parts, signal)
      this.#refuseUnnamed(run, prepared)
      const recovered = await recoverUnits({ units: this.ledger.units, server: prepared.server }, signal)
      signal.throwIfAborted()
      run.prepared = prepared
      const left = prepared.leftOut.map((line) => `left out: ${line}`)
      this.#tell([...recovered, ...left].join('. ') || 'Ready', recovered.length > 0)
      run.lanes = run.slots.map((slot) => this.#lane(slot, run, prepared))
      run.ended = this.#watch(run)
    } catch (thrown) {
      // Whoever has switched it off meanwhile waits for this, and tidies up.
      if (!signal.aborted) {
        this.#run = null
        this.#tell(toAppError(thrown).message, true)
      }
      throw thrown
    }
  }

  /** Takes back what is being made. */
  async stop({ pin, key }: { pin: string | null; key: string | null }): Promise<void> {
    if (this.#run === null) return
    if (key !== this.#run.key) await this.#pin.check(pin)
    await this.#end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
    this.#opened?.[Symbol.dispose]()
  }

  /** Answers what it was taken for. */
  async scan(text: string): Promise<{ text: string }> {
    const run = this.#run
    if (run === null) throw new AppError('CONFLICT', 'The station is off', 'Switch it on first.')
    try {
      return this.#tell(await this.#understand(text, run))
    } catch (thrown) {
      this.#tell(toAppError(thrown).message, true)
      throw thrown
    }
  }

  async void({ serial, reason }: { serial: string; reason: string }): Promise<UnitRecord> {
    const run = this.#run
    const { record, unit, wasGood } = this.ledger.units.void(serial, reason, { operator: run?.operator ?? '' })
    this.changes.bump()
    if (wasGood && unit.facts.server !== null && (await withdrawn(unit, this.#serverOf(run))) !== null) this.ledger.units.owe(unit, true)
    return record
  }

  #serverOf(run: Run | null) {
    return run?.prepared ? run.prepared.server : this.#parts.bench
  }

  #viewOf({
    prepared,
    setup,
    slots,
    operator,
    order: name,
    wanted,
    lanes,
    good,
    failed,
  }: Run): Omit<StationView, 'said' | 'hasPin' | 'pinBlockedUntil'> {
    const order = name === null ? null : this.ledger.orders.find(name)
    return {
      state: prepared === null ? 'preparing' : 'on',
      ...{ setup, slots: [...slots], operator, order: order && orderView(this.ledger, order, wanted) },
      ...{ lanes: lanes.map(({ view }) => view), good, failed },
    }
  }

  async #understand(text: string, run: Run): Promise<string> {
    const scanned = parseScan(text)
    if (scanned.kind === 'operator') {
      run.operator = scanned.name
      return `Operator ${scanned.name}`
    }
    if (scanned.kind === 'void') {
      await this.void(scanned)
      return `${scanned.serial} is void: ${scanned.reason}`
    }
    const { name } = scanned
    if (this.ledger.orders.find(name)) {
      const before = run.order
      run.order = name
      try {
        if (run.prepared) this.#refuseUnnamed(run, run.prepared)
      } catch (thrown) {
        run.order = before
        throw thrown
      }
      run.wanted = null
      return `Work order ${name}`
    }
    const order = run.order === null ? null : this.ledger.orders.get(run.order)
    if (!order?.rows?.some(({ serial }) => serial === name))
      throw new AppError('NOT_FOUND', `${name} is neither a work order nor a serial number of this one`)
    if (this.ledger.units.isUsed(name)) throw new AppError('CONFLICT', `${name} was used already`)
    run.wanted = name
    return `${name} is next`
  }

  /** Nobody finds at the cards that the recipe cannot say who a unit is. */
  #refuseUnnamed({ order: name }: Run, { resolved: { recipe } }: Prepared): void {
    if (name === null) return
    const { rows } = this.ledger.orders.get(name)
    for (const row of rows ?? [seriesRow(recipe, `A unit of ${name}`)]) identityOf(recipe, row)
  }

  #lane(slot: string, run: Run, prepared: Prepared): SlotLane {
    return new SlotLane(slot, {
      ...{ ...this.#parts, prepared, units: this.ledger.units, signal: run.abort.signal },
      idleWord: () => {
        const order = run.order === null ? null : this.ledger.orders.find(run.order)
        if (order === null) return 'NO ORDER'
        return leftOf(this.ledger, order) > 0 ? 'INSERT CARD' : 'ORDER DONE'
      },
      allocate: (drive) => this.#allocate(drive, run, prepared),
      onEnd: (end) => {
        run['record' in end ? 'good' : 'failed'] += 1
        this.changes.bump()
      },
      onChange: () => this.changes.bump(),
    })
  }

  #allocate(drive: Drive, run: Run, { setup, resolved, image, server }: Prepared): Unit | null {
    if (run.order === null) return null
    const { wanted } = run
    run.wanted = null
    return allocate({
      ...{ ledger: this.ledger, order: this.ledger.orders.get(run.order), recipe: resolved.recipe, wanted },
      ...{ whenFailed: setup.whenFailed, id: this.#parts.newId() },
      frame: {
        ...{ slot: slotOf(drive), card: cardIdOf(drive), imageSha256: image.storedSha256, server: server?.name ?? null },
        ...{ hasLabel: setup.label !== null, operator: run.operator, startedAt: this.#parts.host.clock.now() },
      },
    })
  }

  async #watch({ abort: { signal }, lanes, slots }: Run): Promise<void> {
    const { drives, host, onDefect } = this.#parts
    using _watching = drives.watch()
    const hasLoops = slots.some((slot) => slot.startsWith('/dev/loop'))
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => drives.changes.onNext(resolve))
      try {
        const found = await drives.list({ hasLoops })
        for (const lane of lanes) if (!signal.aborted) lane.see(found.find((drive) => slotOf(drive) === lane.view.slot) ?? null)
      } catch (thrown) {
        onDefect(thrown)
      }
      await Promise.race([changed, host.clock.sleep(LOOK_MS, signal).catch(() => undefined)])
    }
  }

  async #end(): Promise<void> {
    const run = this.#run
    if (run !== null) await (run.leaving ??= this.#leave(run))
  }

  async #leave(run: Run): Promise<void> {
    run.abort.abort(new AppError('CANCELLED', 'The station was switched off'))
    await run.ended
    await Promise.all(run.lanes.map((lane) => lane.ended()))
    await this.#parts.host.files.remove(`${this.#parts.folder}/station`)
    this.#run = null
    this.#tell('Off')
  }

  #tell(text: string, isWrong = false): { text: string } {
    this.#said = { text, isWrong, at: this.#parts.host.clock.now() }
    this.changes.bump()
    return { text }
  }
}
