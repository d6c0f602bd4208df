import type { Drive } from '../../../contract/drives.ts'
import type { CardId, StationSetup } from '../../../contract/station.ts'

/** The port that a reader hangs on; the path of a drive that says none. */
export function slotOf({ identity }: Pick<Drive, 'identity'>): string {
  return identity.port === '' ? identity.path : identity.port
}

/** Tells one card from the next in the same reader. null where there is none: a reader without a card has no size. */
export function cardMark(drive: Drive | null): string | null {
  if (drive === null || drive.sizeBytes === 0) return null
  const { diskSequence, serial, sizeBytes } = drive.identity
  return [diskSequence, serial, sizeBytes].join(' ')
}

/** The number of a card in a built-in reader is its own; over USB the reader, or the stick, says one. */
export function cardIdOf({ identity, bus, name, sizeBytes }: Drive): CardId {
  const sureness = identity.serial === '' ? 'none' : bus === 'mmc' || bus === 'virtual' ? 'card' : 'reader'
  return { id: identity.serial, sureness, name, sizeBytes }
}

/** Why a card must not be written without being asked; null when it may. */
export function whyNot(drive: Drive, { minBytes, maxBytes, brand }: StationSetup['card']): string | null {
  const { verdict, sizeBytes, vendor, model, name, access } = drive
  if (verdict.kind !== 'writable') return verdict.reasons[0]?.text ?? 'It may not be written.'
  if (sizeBytes < minBytes) return `${name} has ${sizeBytes} bytes, and ${minBytes} are expected at least.`
  if (maxBytes !== null && sizeBytes > maxBytes) return `${name} has ${sizeBytes} bytes, and ${maxBytes} are expected at most.`
  const said = `${vendor} ${model}`.toLowerCase()
  if (brand !== '' && !said.includes(brand.toLowerCase())) return `${name} is none of ${brand}.`
  return access === 'open' ? null : 'This user may not write it without a password: see otabench doctor.'
}
