import { setImmediate as othersFirst } from 'node:timers/promises'
import type { Device, DeviceDetail, DeviceWindow, Refusal } from '../../contract/devices.ts'
import type { SilenceRule } from '../../contract/silence.ts'
import { newKeyOf } from '../fleet/authsets.ts'
import { cardOf } from '../fleet/card.ts'
import { deviceName, virtualName } from '../fleet/identity.ts'
import type { StoredAuthset } from '../store/authsets.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import { goneAfterMs, silenceReason } from '../fleet/silence.ts'
import { remedyFor } from '../fleet/refusal.ts'
import type { StoredRefusal } from '../store/refusals.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'
import type { Observation } from './observation.ts'

type Transfer = { doneBytes: number; totalBytes: number }

/** Everything that is known of devices, from whoever knows it. */
export interface DeviceSources {
  store: Store
  now(): number
  /** When a device counts as silent. */
  silence(): SilenceRule
  /** Bytes sent to a device in its running download; null when none runs. */
  transferOf(deviceId: string): Transfer | null
  /** Whether the device holds a connection for terminals and files. */
  connectionOf(deviceId: string): Device['connection']
  /** The last two lines of a console that is open and known to be the device's. */
  tailOf(deviceId: string): string[]
  /** What is seen of the device with this identity from outside; null for one that nobody here can look at. */
  observe(identity: StoredDevice['identity']): Observation | null
}

interface Known {
  device: StoredDevice
  authsets: StoredAuthset[]
  deployment: StoredDeviceDeployment | null
}

/** Devices of the bench as their cards show them. */
export async function listDevices(window: DeviceWindow, sources: DeviceSources): Promise<Device[]> {
  const devices = await devicesIn(window, sources)
  const cards = cardsOf(devices.slice(0, AT_ONCE), sources)
  for (let start = AT_ONCE; start < devices.length; start += AT_ONCE) {
    await othersFirst()
    cards.push(...cardsOf(devices.slice(start, start + AT_ONCE), sources))
  }
  return cards
}

/** So many are put together before polls get their turn. */
const AT_ONCE = 200

/** These devices as their cards show them. */
export function cardsOf(devices: readonly StoredDevice[], sources: DeviceSources): Device[] {
  const { store } = sources
  const authsets = store.authsets.ofDevices(devices.map(({ id }) => id))
  const deployments = store.deviceDeployments.latestOfEach(devices.map(({ number }) => number))
  return devices.map((device) =>
    toView({ device, authsets: authsets.get(device.id) ?? [], deployment: deployments.get(device.number) ?? null }, sources),
  )
}

async function devicesIn({ text, filter, offset, limit }: DeviceWindow, { store }: DeviceSources): Promise<StoredDevice[]> {
  if (filter.length > 0 || text !== '') return fitting({ text, filter, offset, limit }, { store })
  const areAll = offset === 0 && !store.devices.areMoreThan(limit, null)
  return areAll ? store.devices.page({ offset, limit }) : store.devices.pageLedBy('pending', { offset, limit })
}

/** Those that meet every term, and hold the text in what is known of them or in their name. */
async function fitting({ text, filter, offset, limit }: DeviceWindow, { store }: Pick<DeviceSources, 'store'>): Promise<StoredDevice[]> {
  const alsoHolding = text === '' ? [] : store.devices.named(text)
  const { page } = await store.search.find({ filters: filter, text, alsoHolding, sort: [], offset, limit })
  return store.devices.byNumbers(page)
}

/** One device with its inventory; null when it is unknown. */
export function showDevice(id: string, sources: DeviceSources): Omit<DeviceDetail, 'why'> | null {
  const { store } = sources
  const device = store.devices.get(id)
  if (!device) return null
  const deployment = store.deviceDeployments.ofDevice(id)[0] ?? null
  const inventory = store.inventory.ofDevice(id).map(({ scope, name, value }) => ({ scope, name, value }))
  return {
    ...toView({ device, authsets: store.authsets.ofDevice(id), deployment }, sources),
    inventory,
    refusals: listRefusals(store.refusals.ofIdentity(device.identityHash), sources),
  }
}

/** Why devices were refused, with what to do about it. */
export function listRefusals(refusals: readonly StoredRefusal[], { store }: Pick<DeviceSources, 'store'>): Refusal[] {
  return refusals.map(({ identityHash, identity, fingerprint, ...plain }) => {
    const device = store.devices.byIdentityHash(identityHash)
    const status = device && store.authsets.byKey(device.id, fingerprint)?.status
    return {
      ...plain,
      deviceId: device?.id ?? null,
      name: deviceName(device ?? { id: identityHash, nickname: '', identity }),
      keyFingerprint: fingerprint,
      remedy: remedyFor({ keyStatus: status ?? null, hasKey: fingerprint !== '', hasOther: device?.status === 'accepted' }),
    }
  })
}

function toNewKey(authsets: readonly StoredAuthset[]): Device['newKey'] {
  const key = newKeyOf(authsets)
  return key && { authsetId: key.id, keyFingerprint: key.fingerprint, askedAt: key.createdAt }
}

function toView({ device, authsets, deployment }: Known, sources: DeviceSources): Device {
  const observed = sources.observe(device.identity)
  const { id, identity, status, deviceType, artifactName, group, createdAt, lastSeenAt } = device
  const nextPollAt = observed?.nextPollAt ?? estimateNextPoll(device)
  const { slots, boot, isPowered, consoleLines, board, mismatch } = observed ?? UNOBSERVED
  return {
    ...{ id, identity, status, deviceType, artifactName, group, createdAt, lastSeenAt, nextPollAt, slots, boot, board },
    ...silenceFacts(device, sources),
    name: deviceName(device),
    connection: sources.connectionOf(id),
    virtual: virtualOf(identity, observed),
    authsets: authsets.map(toAuthsetView),
    newKey: toNewKey(authsets),
    card: cardOf({ device, deployment, slots, boot, isPowered, mismatch, nextPollAt, silence: sources.silence(), now: sources.now() }),
    evidence: observed ? { source: observed.source, at: observed.at } : evidenceOfServer(lastSeenAt),
    deployment: deployment && toDeploymentView(deployment, sources.transferOf(id)),
    tail: observed ? consoleLines.slice(-2) : sources.tailOf(id),
  }
}

/** It may have been heard since somebody last looked, or the rule may be a more patient one by now. */
function silenceFacts(
  { status, silentAt, lastSeenAt, pollIntervalMs }: StoredDevice,
  sources: DeviceSources,
): Pick<Device, 'silentAt' | 'silentWhy'> {
  const rule = sources.silence()
  const heardAt = lastSeenAt ?? 0
  const isSilent =
    status === 'accepted' && silentAt !== null && heardAt <= silentAt && sources.now() - heardAt > goneAfterMs(pollIntervalMs, rule)
  return isSilent ? { silentAt, silentWhy: silenceReason(pollIntervalMs, rule) } : { silentAt: null, silentWhy: null }
}

/** Of a device that only the server knows, nobody sees the slots or the console. */
const UNOBSERVED = { slots: null, boot: null, isPowered: true, consoleLines: [], board: null, mismatch: null }

/** A simulated device of this bench, or of an `otabench sim` elsewhere, which this bench cannot switch. */
function virtualOf(identity: StoredDevice['identity'], observed: Observation | null): Device['virtual'] {
  if (observed) return observed.virtual
  return virtualName(identity) === null ? null : { boardId: null, profile: 'simulated' }
}

function toAuthsetView({ id, status, fingerprint, algorithm, createdAt }: StoredAuthset): Device['authsets'][number] {
  return { id, status, keyFingerprint: fingerprint, keyAlgorithm: algorithm, createdAt }
}

function evidenceOfServer(lastSeenAt: number | null): Device['evidence'] {
  return lastSeenAt === null ? null : { source: 'server', at: lastSeenAt }
}

function toDeploymentView(deployment: StoredDeviceDeployment, transfer: Transfer | null): Device['deployment'] {
  const { deploymentId, artifactName, status, finishedAt } = deployment
  return { id: deploymentId, artifactName, status, finishedAt, progress: status === 'downloading' ? transfer : null }
}

function estimateNextPoll({ lastPollAt, pollIntervalMs }: StoredDevice): number | null {
  return lastPollAt === null || pollIntervalMs === null ? null : lastPollAt + pollIntervalMs
}

/** When the device asks next, as far as anybody knows. */
export function nextPollOf(device: StoredDevice, sources: DeviceSources): number | null {
  return sources.observe(device.identity)?.nextPollAt ?? estimateNextPoll(device)
}
