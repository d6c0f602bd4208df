import type { FailureKind } from '../writer/protocol.ts'
import { OPENER_EXIT } from './command.ts'

/**
 * What an answer of udisks other than a device means: why the device itself could not be opened, or else what the opener ends with when there is no
 * other way to it.
 */
export function outcomeOf({ busName, message }: { busName: string; message: string }): FailureKind | number {
  const word = busName.replace(/^.*\./, '')
  if (word === 'NotAuthorizedDismissed') return OPENER_EXIT.dismissed
  if (word.startsWith('NotAuthorized')) return OPENER_EXIT.refused
  if (word === 'UnknownObject' || word === 'UnknownMethod') return 'not-found'
  if (!message.startsWith('Error opening device')) return OPENER_EXIT.noWay
  return WHY.find(([said]) => said.test(message))?.[1] ?? 'unforeseen'
}

/** As the C library says it; udisks is a service, which speaks English. */
const WHY: readonly (readonly [RegExp, FailureKind])[] = [
  [/resource busy$/, 'busy'],
  [/Read-only/, 'read-only'],
  // A device that is read-only fails as if root might not write it.
  [/Permission denied$/, 'read-only'],
  [/No such/, 'not-found'],
  [/No medium/, 'gone'],
]
