import { AppError, toAppError } from '../../../contract/errors.ts'
import type { Seed } from '../../../contract/seed.ts'
import type { UnitRecord } from '../../../contract/station.ts'
import type { Range } from '../../image/ranges.ts'
import type { DeviceKey } from '../device-key.ts'
import type { RunJob } from '../run.ts'
import { numberAfter, undoOf } from './states.ts'
import type { Unit, Units } from './units.ts'

/** A server that is to expect units. */
export interface UnitServer {
  /** What records call it. */
  name: string
  /** Answers the device's id. CONFLICT when it knows the identity already, with whatever key. */
  expect(device: { identity: Readonly<Record<string, string>>; publicKeyPem: string }, signal: AbortSignal): Promise<string>
  /** Makes it forget the device, by its id, or where the answer was lost by identity and key; one that it does not know is fine. */
  withdraw(device: { deviceId: string | null; identity: Readonly<Record<string, string>>; keyFingerprint: string }): Promise<void>
}

/** The card that a unit is written to. */
export interface UnitCardWork {
  overlay: { path: string; ranges: readonly Range[] }
  signal: AbortSignal
  onProgress(phase: 'writing' | 'verifying' | 'finishing', doneBytes: number, totalBytes: number | null): void
  /** When everything but the first block is written and was read back. The card is whole only when this has resolved and the writing ends well. */
  beforeSeal(): Promise<void>
}

export interface UnitParts {
  units: Units
  server: UnitServer | null
  makeKey(): Promise<DeviceKey | null>
  /** Where what makes the card this unit's own is kept while it is written. */
  overlayPath: string
  seed(key: DeviceKey | null): Seed
  seedBeside(path: string, seed: Seed, signal: AbortSignal): Promise<readonly Range[]>
  write(work: UnitCardWork): Promise<void>
  removeFile(path: string): Promise<void>
  label: ((unit: Unit, signal: AbortSignal) => Promise<void>) | null
}

export const UNIT_STEPS = ['Key and identity', 'Write', 'Verify', 'Preauthorize', 'Label', 'Finish'] as const
export type UnitStep = (typeof UNIT_STEPS)[number]

type UnitJob = Omit<RunJob, 'step'> & { step(name: UnitStep): void }

/**
 * Makes one unit out of a card: all of it, or nothing that counts. Its number is held already. Each state is in the ledger before what it
 * names is begun, so that a bench that is killed knows at its next start what may have been left. The first block of the card is written
 * last, when the server expects the device and the label is printed: up to then the card says itself that it is unfinished.
 */
export async function makeUnit(unit: Unit, parts: UnitParts, job: UnitJob): Promise<UnitRecord> {
  try {
    await carryOut(unit, parts, job)
    return parts.units.finish(unit)
  } catch (thrown) {
    const error = toAppError(thrown)
    const record = await takeBack(unit, parts, {
      why: error.message,
      isTaken: error.code === 'CONFLICT' && unit.state === 'preauthorizing',
    })
    for (const line of record.notUndone) job.log(`NOT undone: ${line}`)
    throw new AppError(error.code, error.message, [error.hint, ...record.notUndone].filter((line) => line !== '').join('. '), error)
  } finally {
    // It holds the private key.
    await parts.removeFile(parts.overlayPath)
  }
}

async function carryOut(unit: Unit, parts: UnitParts, job: UnitJob): Promise<void> {
  const { units, overlayPath } = parts
  job.step('Key and identity')
  const key = await parts.makeKey()
  unit.keyFingerprint = key?.fingerprint ?? null
  units.reach(unit, 'allocated')
  const ranges = await parts.seedBeside(overlayPath, parts.seed(key), job.signal)
  job.signal.throwIfAborted()
  units.reach(unit, 'writing')
  job.step('Write')
  let isVerifying = false
  await parts.write({
    overlay: { path: overlayPath, ranges },
    signal: job.signal,
    onProgress: (phase, doneBytes, totalBytes) => {
      if (phase === 'verifying' && !isVerifying) {
        isVerifying = true
        job.step('Verify')
      }
      if (phase !== 'finishing') job.progress(doneBytes, totalBytes, 'bytes')
    },
    beforeSeal: () => commit(unit, key, parts, job),
  })
}

/** Everything outside of the card, then the word that it may become whole. */
async function commit(unit: Unit, key: DeviceKey | null, { units, server, label }: UnitParts, job: UnitJob): Promise<void> {
  if (server !== null) {
    job.step('Preauthorize')
    if (key === null) throw new AppError('BAD_INPUT', 'A device is preauthorized by its key', 'Say key in the recipe.')
    job.signal.throwIfAborted()
    units.reach(unit, 'preauthorizing')
    unit.deviceId = await server.expect({ identity: unit.facts.identity, publicKeyPem: key.publicKeyPem }, job.signal)
    units.reach(unit, 'preauthorized')
  }
  if (label !== null) {
    job.step('Label')
    job.signal.throwIfAborted()
    units.reach(unit, 'labelling')
    await label(unit, job.signal)
  }
  job.step('Finish')
  job.signal.throwIfAborted()
  units.reach(unit, 'sealing')
}

interface Stopped {
  why: string
  /** Whether the server had such a device before. */
  isTaken: boolean
}

/** Takes a unit back that stopped somewhere, now or in an earlier life of the bench. */
export async function takeBack(
  unit: Unit,
  { units, server }: Pick<UnitParts, 'units' | 'server'>,
  { why, isTaken }: Stopped,
): Promise<UnitRecord> {
  const { facts, state } = unit
  const { withdraws, notUndone } = undoOf(state, facts.serial, { hasServer: facts.server !== null, hasLabel: facts.hasLabel })
  // A device that was there before is somebody's.
  const failure = withdraws && !isTaken ? await withdrawn(unit, server) : null
  const left = failure === null ? notUndone : [`${facts.server ?? 'The server'} still expects the device: ${failure}`, ...notUndone]
  return units.fail(unit, { why, notUndone: left, number: numberAfter(facts.rule, { notUndone: left, isTaken }), isOwed: failure !== null })
}

/** Why the server could not be made to forget a unit; null when it has. */
export async function withdrawn(unit: Unit, server: UnitServer | null): Promise<string | null> {
  const { facts, deviceId, keyFingerprint } = unit
  if (server === null || server.name !== facts.server) return 'it is not the server of this station now'
  try {
    await server.withdraw({ deviceId, identity: facts.identity, keyFingerprint: keyFingerprint ?? '' })
    return null
  } catch (thrown) {
    return toAppError(thrown).message
  }
}

/** Takes back what an earlier life of the bench left unfinished, and tries again what servers still owe. Answers a line each. */
export async function recoverUnits(parts: Pick<UnitParts, 'units' | 'server'>, signal: AbortSignal): Promise<string[]> {
  const { units, server } = parts
  const lines: string[] = []
  for (const unit of units.unfinished()) {
    signal.throwIfAborted()
    const { number } = await takeBack(unit, parts, { why: `OTA Bench stopped while it was ${unit.state}`, isTaken: false })
    lines.push(`${unit.facts.serial} was interrupted: its number is ${number}`)
  }
  for (const unit of units.owed()) {
    signal.throwIfAborted()
    if ((await withdrawn(unit, server)) !== null) continue
    units.owe(unit, false)
    lines.push(`${unit.facts.server} has forgotten ${unit.facts.serial}`)
  }
  return lines
}
