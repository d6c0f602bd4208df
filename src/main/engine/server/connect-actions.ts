import { toAppError } from '../../contract/errors.ts'
import { commandClient } from '../connect/conversation.ts'
import type { DeviceLines } from '../connect/lines.ts'
import type { ActionParts } from './actions.ts'
import { note } from './device-parts.ts'

/** Asks a device that is connected to poll now; one that is not polls at its time, and what it answers is told in its timeline. */
export function pollSoon(parts: Pick<ActionParts, 'store' | 'now'> & { lines: DeviceLines }, deviceId: string): void {
  if (parts.lines.stateOf(deviceId).state !== 'connected') return
  commandClient(parts.lines, deviceId, 'check-update').catch((thrown: unknown) => {
    const { message } = toAppError(thrown)
    note(parts, { deviceId, lane: 'http', level: 'warning', text: `Could not be asked to poll now: ${message}` })
  })
}
