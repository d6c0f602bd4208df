import type { UpdateControlMap } from '../../contract/deployments.ts'
import { AppError } from '../../contract/errors.ts'
import { writeArtifact } from '../artifact/write.ts'
import { deviceName } from '../fleet/identity.ts'
import { readChunks } from '../lib/file-streams.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { ActionParts } from './actions.ts'
import { findDevice } from './device-actions.ts'
import { note } from './device-parts.ts'

/** The update module of mender-configure. */
const PAYLOAD_TYPE = 'mender-configure'
const PROVIDE = `data-partition.${PAYLOAD_TYPE}`
const STAMP = { uid: 0, gid: 0, uname: '', gname: '', modifiedAt: 0 }

/** Says what a device is meant to be set to; it is told when that is deployed. */
export function configureDevice(parts: ActionParts, deviceId: string, values: Record<string, string>): void {
  const { store, now } = parts
  store.transaction(() => {
    store.configurations.setConfigured(findDevice(parts, deviceId).id, values, now())
    note(parts, { deviceId, lane: 'state', text: `Configuration wanted: ${summary(values)}` })
  })
}

/** What a device says that it is set to. */
export function reportConfiguration(parts: ActionParts, deviceId: string, values: Record<string, string>): void {
  const { store, now } = parts
  const before = store.configurations.get(deviceId).reported
  store.transaction(() => {
    store.configurations.setReported(deviceId, values, now())
    if (JSON.stringify(before) !== JSON.stringify(values))
      note(parts, { deviceId, lane: 'state', text: `Configuration reported: ${summary(values)}` })
  })
}

/**
 * Deploys the wanted configuration to a device: an artifact without files whose meta-data is the configuration, made for this
 * deployment alone. Answers the deployment's id. CONFLICT while the device has not said its type, or is not accepted.
 */
export async function deployConfiguration(
  parts: ActionParts,
  { deviceId, updateControlMap }: { deviceId: string; updateControlMap: UpdateControlMap | null },
): Promise<{ id: string }> {
  const { store, now, newId } = parts
  const { deviceType } = findReady(parts, deviceId)
  await removeSpent(parts)
  const id = newId()
  const artifactName = `configuration-${id}`
  const { configured } = store.configurations.get(deviceId)
  // At once with its artifact, which would else be taken for one of a deployment that is over. Much may have changed meanwhile.
  const order = (): void => {
    const words = { id, name: artifactName, artifactName, isForced: false, group: null, createdAt: now(), updateControlMap }
    store.deployments.add({ ...words, kind: 'configuration' }, [{ id: deviceId, name: deviceName(findReady(parts, deviceId)) }])
    store.configurations.setConfigured(deviceId, store.configurations.get(deviceId).configured, now())
    store.configurations.setDeployment(deviceId, id)
  }
  await keepArtifact(parts, { artifactName, deviceType, configured, order })
  return { id }
}

/** A device to which its configuration can be deployed. */
function findReady(parts: ActionParts, deviceId: string): StoredDevice & { deviceType: string } {
  const device = findDevice(parts, deviceId)
  const { deviceType } = device
  if (device.status !== 'accepted') throw new AppError('CONFLICT', `The device ${deviceName(device)} is not accepted`, 'Accept it first.')
  if (deviceType === null)
    throw new AppError('CONFLICT', `The device ${deviceName(device)} has not said its type yet`, 'Wait until it has polled once.')
  return { ...device, deviceType }
}

interface Spent {
  store: ActionParts['store']
  artifactFiles: Pick<ActionParts['artifactFiles'], 'remove'>
}

/** Removes the artifacts of configuration deployments that are over. */
export async function removeSpent({ store, artifactFiles }: Spent): Promise<void> {
  for (const id of store.artifacts.generatedAndOver()) await artifactFiles.remove(id)
}

interface Content {
  artifactName: string
  deviceType: string
  configured: Record<string, string>
  /** Deploys it. */
  order: () => void
}

/** As Mender makes it: uncompressed, which also lifts it above the 4 KiB below which clients 3.x refuse an artifact. */
async function keepArtifact(
  { artifactFiles, newId, now }: ActionParts,
  { artifactName, deviceType, configured, order }: Content,
): Promise<void> {
  await using written = await artifactFiles.scratch()
  const spec = {
    ...{ name: artifactName, group: null, deviceTypes: [deviceType], payloadType: PAYLOAD_TYPE, compression: 'none' as const },
    ...{ dependsNames: [], dependsGroups: [], depends: {}, scripts: [], files: [], checksumProvide: null },
    provides: { [`${PROVIDE}.version`]: artifactName },
    clearsProvides: [`${PROVIDE}.*`],
    metaData: configured,
  }
  await writeArtifact(spec, written.file, { stamp: STAMP })
  await using staged = await artifactFiles.stage(readChunks(written.file))
  await staged.keep({ id: newId(), description: '', addedAt: now(), isGenerated: true, beside: order })
}

function summary(values: Record<string, string>): string {
  const names = Object.keys(values)
  return names.length === 0 ? 'nothing' : names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
}
