import type { AuditEntry } from '@contract/audit.ts'
import { acceptMode, acceptModeText } from '@contract/accept-mode.ts'

/** What was ordered, by the operation's name. */
export const WORDS: Readonly<Record<string, string>> = {
  login: 'Log in',
  'terminal.record': 'Record a session',
  'artifacts.add': 'Add an artifact',
  'artifacts.write': 'Write an artifact',
  'artifacts.delta': 'Make a delta',
  'artifacts.remove': 'Remove an artifact',
  'artifacts.putBack': 'Put an artifact back',
  'backup.create': 'Back up the bench',
  'simulated.start': 'Start the virtual bench',
  'simulated.remove': 'Remove the virtual bench',
  'simulated.setPower': 'Switch a virtual board',
  'boards.create': 'Make a board',
  'boards.tryImage': 'Try a card image as a board',
  'boards.makeUpdate': 'Make an update for boards',
  'boards.writeRootfs': 'Make a root file system for boards',
  'boards.power': 'Switch a board',
  'boards.remove': 'Remove a board',
  'boards.console': 'Open the console of a board',
  'deployments.create': 'Deploy',
  'deployments.abort': 'Abort a deployment',
  'deployments.setUpdateControlMap': 'Change pause points',
  'deployments.answerPause': 'Answer a pause',
  'devices.setAuthStatus': 'Judge a key',
  'devices.preauthorize': 'Preauthorize a device',
  'associations.set': 'Choose what opens .mender files',
  'devices.preauthorizeList': 'Preauthorize a list of devices',
  'devices.removePreauthorizations': 'No longer expect devices',
  'devices.setGroup': 'Change a group',
  'devices.rename': 'Rename a device',
  'devices.decommission': 'Decommission a device',
  'drives.eject': 'Eject a drive',
  'drives.createVirtual': 'Make a virtual drive',
  'drives.setFaults': 'Change the faults of a virtual drive',
  'drives.removeVirtual': 'Remove a virtual drive',
  'groups.saveFilter': 'Save a filter as a group',
  'groups.removeFilter': 'Remove a filter group',
  'jobs.cancel': 'Cancel a job',
  'jobs.retry': 'Start a job again',
  'keys.generate': 'Generate a key',
  'keys.import': 'Import a key',
  'keys.rename': 'Rename a key',
  'keys.remove': 'Remove a key',
  'recordings.read': 'Read a recorded session',
  'recordings.remove': 'Remove a recorded session',
  'recordings.setOn': 'Switch the recording of sessions',
  'provision.ssh': 'Provision a board over SSH',
  'provision.forgetHost': 'Forget a host key',
  'remote.terminal': 'Open a terminal',
  'remote.pollNow': 'Ask to poll now',
  'remote.getFile': 'Get a file',
  'remote.putFile': 'Put a file',
  'remote.configure': 'Change settings of a device',
  'remote.deployConfiguration': 'Deploy settings',
  'server.setSilenceRule': 'Say when devices count as silent',
  'server.setAcceptMode': 'Change who is accepted',
  'server.renewCertificate': 'Renew the certificate',
  'server.setCertificate': 'Exchange the certificate',
  'tokens.create': 'Make a token',
  'tokens.revoke': 'Revoke a token',
  'webhooks.add': 'Add a webhook',
  'webhooks.remove': 'Remove a webhook',
  'webhooks.test': 'Test a webhook',
  'webhooks.retry': 'Tell a webhook again',
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
  if (mode.success) return acceptModeText(mode.data, entry.at)
  const ids = [detail['deviceId'], detail['id'], detail['ids']].flat()
  const names = ids.flatMap((id) => (typeof id === 'string' ? (deviceNames.get(id) ?? []) : []))
  const values = TELLING.flatMap((name) => (typeof detail[name] === 'string' && detail[name] !== '' ? [detail[name]] : []))
  const said = [...names, ...values]
  return said.length > 0 ? said.join(', ') : entry.detail
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
