import { t } from '@lingui/core/macro'
import type { AuditEntry } from '@contract/audit.ts'
import { acceptMode } from '@contract/accept-mode.ts'
import { acceptWords } from '../../app/rule-words.ts'

/** What was ordered, by the operation's name. */
export const WORDS: Readonly<Record<string, string>> = {
  login: t`Log in`,
  'terminal.record': t`Record a session`,
  'account.setPassword': t`Change the own password`,
  'artifacts.add': t`Add an artifact`,
  'artifacts.write': t`Write an artifact`,
  'artifacts.delta': t`Make a delta`,
  'artifacts.remove': t`Remove an artifact`,
  'artifacts.putBack': t`Put an artifact back`,
  'artifacts.save': t`Save an artifact to a file`,
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
  'compose.write': t`Compose a card image`,
  'compose.seed': t`Make a card a device's own`,
  'compose.convert': t`Make a card with two slots`,
  'consoles.openSerial': t`Open a serial console`,
  'consoles.openSsh': t`Open a console over SSH`,
  'consoles.openJournal': t`Follow the log of a device`,
  'consoles.openBoard': t`Open the console of a board`,
  'consoles.sendBreak': t`Send a break`,
  'consoles.setLine': t`Change the settings of a serial port`,
  'consoles.findBaudRate': t`Look for the rate of a serial port`,
  'consoles.sendFile': t`Send a file over a console`,
  'consoles.join': t`Say whose console it is`,
  'consoles.close': t`Close a console`,
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
  'discovery.ignore': t`Ignore what was found, or no longer`,
  'drives.eject': t`Eject a drive`,
  'drives.createVirtual': t`Make a virtual drive`,
  'drives.setFaults': t`Change the faults of a virtual drive`,
  'drives.removeVirtual': t`Remove a virtual drive`,
  'flash.start': t`Flash an image`,
  'flash.pause': t`Pause flashing`,
  'flash.continue': t`Go on with flashing`,
  'flash.cancel': t`Cancel flashing`,
  'flash.retry': t`Finish a card`,
  'flash.forget': t`Take a flash off the list`,
  'folders.upload': t`Upload a file`,
  'folders.writeText': t`Write a text file`,
  'groups.saveFilter': t`Save a filter as a group`,
  'groups.removeFilter': t`Remove a filter group`,
  'images.unpack': t`Unpack an image`,
  'images.read': t`Read a card into an image`,
  'images.extract': t`Copy files out of an image`,
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
  'provision.serial': t`Provision a board over its serial console`,
  'provision.image': t`Provision a card image`,
  'provision.forgetHost': t`Forget a host key`,
  'recipes.save': t`Save a recipe`,
  'recipes.write': t`Write a recipe to a file`,
  'recipes.remove': t`Remove a recipe`,
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
  'station.importOrder': t`Take a work order from a file`,
  'station.makeOrder': t`Make a work order`,
  'station.removeOrder': t`Remove a work order`,
  'station.start': t`Start the station`,
  'station.stop': t`Stop the station`,
  'station.scan': t`Scan at the station`,
  'station.void': t`Take a serial number out of use`,
  'station.label': t`Print a label again`,
  'station.setPin': t`Change the PIN of the station`,
  'station.export': t`Export the station's records`,
  'tokens.create': t`Make a token`,
  'tokens.revoke': t`Revoke a token`,
  'users.add': t`Add a user`,
  'users.setRole': t`Change the role of a user`,
  'users.setPassword': t`Set the password of a user`,
  'users.remove': t`Remove a user`,
  'users.endSession': t`End a session`,
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
const TELLING = [
  ...['name', 'artifactName', 'url', 'place', 'source', 'image', 'path', 'from', 'inside', 'to', 'output', 'recipe', 'certFile'],
  ...['serial', 'line', 'operator', 'order', 'reason', 'status', 'action', 'group', 'role', 'algorithm'],
]

/** Lists of what an order went to: drives, hosts on the way. */
const WHERE = ['targets', 'hops']

/** Whom and what an order is about: devices by their names, then what tells it from others, else its id; nothing where only secrets do. */
export function aboutOf(entry: AuditEntry, deviceNames: ReadonlyMap<string, string>): string {
  const detail = detailOf(entry)
  if (!isRecord(detail)) return entry.detail
  const mode = 'acceptMode' in detail ? acceptMode.safeParse(detail['acceptMode']) : null
  if (mode?.success) return acceptWords(mode.data, entry.at)
  const ids = [detail['deviceId'], detail['id'], detail['ids']].flat().filter((id) => typeof id === 'string')
  const names = ids.flatMap((id) => deviceNames.get(id) ?? [])
  const values = TELLING.flatMap((name) => (typeof detail[name] === 'string' && detail[name] !== '' ? [detail[name]] : []))
  const places = WHERE.flatMap((name) => detail[name]).flatMap((each) => (isRecord(each) ? [each['path'], each['host']] : []))
  const said = [...names, ...values, ...places.filter((place) => typeof place === 'string')]
  if (said.length + ids.length > 0) return (said.length > 0 ? said : ids).join(', ')
  return Object.values(detail).every((value) => value === null || value === '…') ? '' : entry.detail
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
