import { dirname } from 'node:path'
import type { Drive } from '../../../contract/drives.ts'
import { toAppError } from '../../../contract/errors.ts'
import type { LaneWord, StationLane, UnitRecord } from '../../../contract/station.ts'
import type { RunJob } from '../run.ts'
import { keyOf, unitSeed } from '../seed.ts'
import { UNIT_STEPS, type UnitParts, type UnitStep, makeUnit } from '../unit/make-unit.ts'
import type { Unit, Units } from '../unit/units.ts'
import { labelText } from './label/label-text.ts'
import { sendLabel } from './label/send.ts'
import type { StationParts } from './parts.ts'
import type { Prepared } from './prepare.ts'
import { cardMark, whyNot } from './slots.ts'

const WORDS: Readonly<Record<UnitStep, LaneWord>> = {
  'Key and identity': 'IDENTITY',
  Write: 'WRITING',
  Verify: 'VERIFYING',
  Preauthorize: 'PREAUTHORIZE',
  Label: 'LABEL',
  Finish: 'FINISHING',
}

export interface LaneParts extends StationParts {
  prepared: Prepared
  units: Units
  /** What an empty slot says. */
  idleWord(): LaneWord
  /** The next unit, its number held; null when nothing is left to be made. */
  allocate(drive: Drive): Unit | null
  onEnd(end: { record: UnitRecord } | { failure: string }): void
  onChange(): void
  /** Aborts when the station is switched off. */
  signal: AbortSignal
}

/** One armed reader slot. */
export class SlotLane {
  readonly #parts: LaneParts
  readonly #view: StationLane
  /** The card that is no concern any more: it was there before, or is done with. */
  #handled: string | null = null
  #isFirstLook = true
  #work: Promise<void> | null = null

  constructor(slot: string, parts: LaneParts) {
    this.#parts = parts
    this.#view = { slot, word: 'CHECKING', detail: '', serial: null, isGood: false, doneBytes: 0, totalBytes: null }
  }

  get view(): StationLane {
    return { ...this.#view }
  }

  /** Looks at what is in the slot. Nothing is begun but with a card that was not there at the last look. */
  see(drive: Drive | null): void {
    if (this.#work !== null) return
    const mark = cardMark(drive)
    const wasThere = this.#isFirstLook
    this.#isFirstLook = false
    if (drive === null || mark === null) {
      this.#handled = null
      // Why a card failed is read after it was taken out.
      const detail = this.#view.word === 'REMOVE CARD' ? '' : this.#view.detail
      this.#say(this.#parts.idleWord(), detail, { isGood: false, serial: null })
    } else if (wasThere) {
      this.#handled = mark
      this.#say('REMOVE CARD', 'It was there before the slot was armed')
    } else if (mark !== this.#handled && this.#view.word !== 'REMOVE CARD') {
      // A reader that is reset counts its card anew: a card that is to be removed is begun only after the slot was empty.
      this.#handled = mark
      this.#begin(drive)
    }
  }

  async ended(): Promise<void> {
    await this.#work
  }

  #begin(drive: Drive): void {
    if (this.#parts.idleWord() !== 'INSERT CARD') return this.#say('REMOVE CARD', 'There is no work for it')
    this.#say('CHECKING', '', { isGood: false, serial: null, doneBytes: 0, totalBytes: null })
    const refusal = whyNot(drive, this.#parts.prepared.setup.card)
    if (refusal !== null) return this.#fail(refusal)
    const request = { kind: 'station', title: `Station: ${drive.name}`, steps: UNIT_STEPS, locks: [drive.identity.path] }
    try {
      const { result } = this.#parts.startJob(request, (job) => this.#make(drive, job))
      this.#work = result.then(
        (record) => this.#end(record),
        (thrown: unknown) => this.#end(null, toAppError(thrown).message),
      )
    } catch (thrown) {
      // Another job has this drive.
      this.#fail(toAppError(thrown).message)
    }
  }

  async #make(drive: Drive, job: RunJob): Promise<UnitRecord | null> {
    const { signal } = this.#parts
    const unit = this.#parts.allocate(drive)
    if (unit === null) return null
    job.log(`serial number ${unit.facts.serial}`)
    const follow = {
      signal: AbortSignal.any([job.signal, signal]),
      log: job.log,
      step: (name: UnitStep): void => {
        job.step(name)
        this.#say(WORDS[name], '', { serial: unit.facts.serial, doneBytes: 0, totalBytes: null })
      },
      progress: (done: number, total: number | null): void => {
        job.progress(done, total, 'bytes')
        this.#say(this.#view.word, '', { doneBytes: done, totalBytes: total })
      },
    }
    return makeUnit(unit, this.#unitParts(drive, unit), follow)
  }

  #unitParts({ identity }: Drive, unit: Unit): UnitParts {
    const { prepared, units, host, folder, seedBeside, write } = this.#parts
    const { resolved, image, setup } = prepared
    const overlayPath = `${folder}/station/${unit.id}.overlay`
    const { key } = resolved
    const { label } = setup
    return {
      ...{ units, server: prepared.server, overlayPath },
      makeKey: async () => (key === null ? null : keyOf(key)),
      seed: (made) => unitSeed(resolved, unit.facts.identity, made),
      seedBeside: (path, seed, signal) => seedBeside(image.path, path, seed, { folder: dirname(setup.recipe), signal }),
      write: (work) =>
        write({
          ...{ ...work, image: image.path, sha256: image.sha256, spoolPath: `${folder}/station/${unit.id}.image` },
          target: { path: identity.path, identity, typedName: null },
        }),
      removeFile: (path) => host.files.remove(path),
      label: label === null ? null : async ({ facts }, signal) => void (await sendLabel(labelText(facts), label, { host, signal })),
    }
  }

  #end(record: UnitRecord | null, failure?: string): void {
    this.#work = null
    if (record !== null) {
      this.#say('REMOVE CARD', `${record.serial} is good`, { isGood: true })
      this.#parts.onEnd({ record })
    } else if (failure !== undefined) {
      this.#fail(failure)
      this.#parts.onEnd({ failure })
    } else this.#say('REMOVE CARD', 'There is no work for it')
  }

  #fail(why: string): void {
    this.#say('FAILED', this.#view.serial === null ? why : `${this.#view.serial}: ${why}`, { isGood: false })
  }

  #say(word: LaneWord, detail: string, more: Partial<StationLane> = {}): void {
    const before = JSON.stringify(this.#view)
    Object.assign(this.#view, { ...more, word, detail })
    if (JSON.stringify(this.#view) !== before) this.#parts.onChange()
  }
}
