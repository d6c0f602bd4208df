import type { Device, DeviceDetail } from '../../contract/devices.ts'
import type { BoardObservation } from '../device/bench.ts'
import { cardOf } from '../fleet/card.ts'
import { deviceName } from '../fleet/identity.ts'
import type { StoredAuthset } from '../store/authsets.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'

type Transfer = { doneBytes: number; totalBytes: number }

/** Everything that is known of devices, from whoever knows it. */
export interface DeviceSources {
  store: Store
  now(): number
  /** Bytes sent to a device in its running download; null when none runs. */
  transferOf(deviceId: string): Transfer | null
  /** What the virtual bench sees of the board with this identity; null for a real device. */
  observe(identity: StoredDevice['identity']): BoardObservation | null
}

interface Known {
  device: StoredDevice
  authsets: StoredAuthset[]
  deployment: StoredDeviceDeployment | null
}

/** Every device of the bench as its card shows it. */
export function listDevices(sources: DeviceSources): Device[] {
  const { store } = sources
  const authsets = store.authsets.byDevice()
  const deployments = store.deviceDeployments.latestByDevice()
  return store.devices
    .list()
    .map((device) => toView({ device, authsets: authsets.get(device.id) ?? [], deployment: deployments.get(device.id) ?? null }, sources))
}

/** One device with its inventory; null when it is unknown. */
export function showDevice(id: string, sources: DeviceSources): DeviceDetail | null {
  const { store } = sources
  const device = store.devices.get(id)
  if (!device) return null
  const deployment = store.deviceDeployments.ofDevice(id)[0] ?? null
  const inventory = store.inventory.ofDevice(id).map(({ scope, name, value }) => ({ scope, name, value }))
  return { ...toView({ device, authsets: store.authsets.ofDevice(id), deployment }, sources), inventory }
}

function toView({ device, authsets, deployment }: Known, sources: DeviceSources): Device {
  const observed = sources.observe(device.identity)
  const now = sources.now()
  const nextPollAt = observed?.nextPollAt ?? estimateNextPoll(device)
  const { id, identity, status, deviceType, artifactName, group, createdAt, lastSeenAt } = device
  const name = device.nickname || observed?.name || deviceName(device)
  return {
    ...{ id, identity, name, status, deviceType, artifactName, group, createdAt, lastSeenAt, nextPollAt },
    virtual: observed && { id: observed.id, profile: observed.profile },
    authsets: authsets.map((set) => ({
      id: set.id,
      status: set.status,
      keyFingerprint: set.fingerprint,
      keyAlgorithm: set.algorithm,
      createdAt: set.createdAt,
    })),
    card: cardOf({
      device,
      deployment,
      slots: observed?.slots ?? null,
      boot: observed?.boot ?? null,
      isPowered: observed?.isPowered ?? true,
      nextPollAt,
      now,
    }),
    slots: observed?.slots ?? null,
    boot: observed?.boot ?? null,
    evidence: observed ? { source: 'virtual', at: observed.at } : lastSeenAt === null ? null : { source: 'server', at: lastSeenAt },
    deployment: deployment && {
      id: deployment.deploymentId,
      artifactName: deployment.artifactName,
      status: deployment.status,
      progress: deployment.status === 'downloading' ? sources.transferOf(id) : null,
      finishedAt: deployment.finishedAt,
    },
    tail: observed?.consoleLines.slice(-2) ?? [],
  }
}

function estimateNextPoll({ lastPollAt, pollIntervalMs }: StoredDevice): number | null {
  return lastPollAt === null || pollIntervalMs === null ? null : lastPollAt + pollIntervalMs
}
