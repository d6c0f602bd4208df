import { t } from '@lingui/core/macro'
import type { AuditEntry } from '@contract/audit.ts'
import { acceptMode } from '@contract/accept-mode.ts'
import { acceptWords } from '../../app/rule-words.ts'

/** What was ordered, by the operation's name. */
export const WORDS: Readonly<Record<string, string>> = {
  login: t`Log in`,
  'terminal.record': t`Record a session`,
  'artifacts.add': t`Add an artifact`,
  'artifacts.write': t`Write an artifact`,
  'artifacts.delta': t`Make a delta`,
  'artifacts.remove': t`Remove an artifact`,
  'artifacts.putBack': t`Put an artifact back`,
  'backup.create': t`Back up the bench`,
  'simulated.start': t`Start the virtual bench`,
  'simulated.remove': t`Remove the virtual bench`,
  'simulated.setPower': t`Switch a virtual board`,
  'boards.create': t`Make a board`,
  'boards.tryImage': t`Try a card image as a board`,
  'boards.makeUpdate': t`Make an update for boards`,
  'boards.writeRootfs': t`Make a root file system for boards`,
  'boards.power': t`Switch a board`,
  'boards.remove': t`Remove a board`,
  'boards.console': t`Open the console of a board`,
  'deployments.create': t`Deploy`,
  'deployments.abort': t`Abort a deployment`,
  'deployments.setUpdateControlMap': t`Change pause points`,
  'deployments.answerPause': t`Answer a pause`,
  'devices.setAuthStatus': t`Judge a key`,
  'devices.preauthorize': t`Preauthorize a device`,
  'associations.set': t`Choose what opens .mender files`,
  'devices.preauthorizeList': t`Preauthorize a list of devices`,
  'devices.removePreauthorizations': t`No longer expect devices`,
  'devices.setGroup': t`Change a group`,
  'devices.rename': t`Rename a device`,
  'devices.decommission': t`Decommission a device`,
  'drives.eject': t`Eject a drive`,
  'drives.createVirtual': t`Make a virtual drive`,
  'drives.setFaults': t`Change the faults of a virtual drive`,
  'drives.removeVirtual': t`Remove a virtual drive`,
  'groups.saveFilter': t`Save a filter as a group`,
  'groups.removeFilter': t`Remove a filter group`,
  'jobs.cancel': t`Cancel a job`,
  'jobs.retry': t`Start a job again`,
  'keys.generate': t`Generate a key`,
  'keys.import': t`Import a key`,
  'keys.rename': t`Rename a key`,
  'keys.remove': t`Remove a key`,
  'recordings.read': t`Read a recorded session`,
  'recordings.remove': t`Remove a recorded session`,
  'recordings.setOn': t`Switch the recording of sessions`,
  'provision.ssh': t`Provision a board over SSH`,
  'provision.forgetHost': t`Forget a host key`,
  'remote.terminal': t`Open a terminal`,
  'remote.pollNow': t`Ask to poll now`,
  'remote.getFile': t`Get a file`,
  'remote.putFile': t`Put a file`,
  'remote.configure': t`Change settings of a device`,
  'remote.deployConfiguration': t`Deploy settings`,
  'server.setSilenceRule': t`Say when devices count as silent`,
  'server.setAcceptMode': t`Change who is accepted`,
  'server.renewCertificate': t`Renew the certificate`,
  'server.setCertificate': t`Exchange the certificate`,
  'tokens.create': t`Make a token`,
  'tokens.revoke': t`Revoke a token`,
  'webhooks.add': t`Add a webhook`,
  'webhooks.remove': t`Remove a webhook`,
  'webhooks.test': t`Test a webhook`,
  'webhooks.retry': t`Tell a webhook again`,
}

/** The order in words; as it was named where there are none, as for a request to the management API. */
export function actionWords(action: string): string {
  return WORDS[action] ?? action
}

/** What was ordered with, as JSON; null for nothing, and for what was too long to be kept whole. */
export function detailOf({ detail }: AuditEntry): unknown {
  try {
    return detail === '' ? null : JSON.parse(detail)
  } catch {
    return null
  }
}

/** The recording that an order has begun; null for any other. */
export function recordingOf(detail: unknown): string | null {
  const id = isRecord(detail) ? detail['recordingId'] : null
  return typeof id === 'string' ? id : null
}

/** What tells one order from the next, in the order in which it is looked for. */
const TELLING = ['name', 'artifactName', 'url', 'path', 'from', 'status', 'action', 'group', 'algorithm', 'certFile']

/** Whom and what an order is about: devices by their names, then what tells it from others. */
export function aboutOf(entry: AuditEntry, deviceNames: ReadonlyMap<string, string>): string {
  const detail = detailOf(entry)
  if (!isRecord(detail)) return entry.detail
  const mode = acceptMode.safeParse(detail['acceptMode'])
  if (mode.success) return acceptWords(mode.data, entry.at)
  const ids = [detail['deviceId'], detail['id'], detail['ids']].flat()
  const names = ids.flatMap((id) => (typeof id === 'string' ? (deviceNames.get(id) ?? []) : []))
  const values = TELLING.flatMap((name) => (typeof detail[name] === 'string' && detail[name] !== '' ? [detail[name]] : []))
  const said = [...names, ...values]
  return said.length > 0 ? said.join(', ') : entry.detail
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
