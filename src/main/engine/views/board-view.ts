import { createHash } from 'node:crypto'
import type { Board, BoardState } from '../../contract/boards.ts'
import type { BootEnvironment, Slot } from '../../contract/devices.ts'
import type { OpenBoard } from '../boards/boards.ts'
import { memoryLimit } from '../boards/room.ts'
import { ptyPath } from '../boards/pty.ts'
import { artifactOn, bootOf, slotOf, slotsOf } from '../boards/card-facts.ts'
import type { StoredDeviceDeployment } from '../store/device-deployments.ts'
import type { StoredDevice } from '../store/devices.ts'
import type { Store } from '../store/open.ts'
import type { DeviceSources } from './device-view.ts'

/** What lies outside of a board and is shown with it. */
export interface BoardSources {
  store: Store
  transferOf: DeviceSources['transferOf']
  /** The key that root of boards made here lets in. */
  sshKeyPath: string
}

const MIB = 1 << 20
/** In these states of its deployment a board writes to the slot that does not run. */
const WRITING = ['downloading', 'installing']

/** The identity of a new board, as its client tells it. */
export const identityOfBoard = (mac: string): Record<string, string> => ({ mac })

/** The device that a board is on the server, whatever else its identity has; null when it is none. */
export function deviceOfBoard({ record: { mac } }: Pick<OpenBoard, 'record'>, { store }: Pick<BoardSources, 'store'>): StoredDevice | null {
  return store.devices.newestWith('mac', mac)
}

export function boardView(board: OpenBoard, sources: BoardSources): Board {
  const { record, machine, card, hasTerminal } = board
  const { name, mac, memoryMiB, sshPort, silenceMs, createdAt, serverUrl, hostKey } = record
  const device = deviceOfBoard(board, sources)
  const deployment = device && sources.store.deviceDeployments.latest(device.number)
  const { slots, boot } = onCard(board, deployment)
  const { partition } = machine.evidence
  const seen = partition !== null && card ? { partition, slot: slotOf(card, partition), artifactName: artifactOn(card, partition) } : null
  return {
    ...{ name, mac, createdAt, slots, boot, seen, state: stateOf(board), isOn: machine.isOn },
    failure: machine.failure?.toFailure() ?? null,
    memoryBytes: memoryMiB * MIB,
    diskBytes: card?.sizeBytes ?? 0,
    takes: { ...board.takes, memoryLimitBytes: memoryLimit(memoryMiB) },
    ssh: { port: sshPort, keyPath: serverUrl === null ? null : sources.sshKeyPath, hostKey: hostKey && fingerprintOf(hostKey) },
    terminalPath: hasTerminal ? ptyPath(board.folder) : null,
    silenceSeconds: silenceMs / 1000,
    startCount: machine.startCount,
    claimed: device && { deviceId: device.id, artifactName: device.artifactName, lastSeenAt: device.lastSeenAt },
    mismatch: mismatchOf(board, sources),
    deployment: deployment && {
      ...{ id: deployment.deploymentId, artifactName: deployment.artifactName, status: deployment.status },
      progress: deployment.status === 'downloading' ? sources.transferOf(deployment.deviceId) : null,
    },
    tail: machine.console.lines.slice(-2).map(({ text }) => text),
  }
}

function stateOf({ machine }: OpenBoard): BoardState {
  if (machine.isOn) return machine.evidence.phase
  return machine.failure ? 'failed' : 'off'
}

/** Both slots and the boot loader's environment as they lie on a card. */
export function onCard(
  { machine: { evidence }, card }: OpenBoard,
  deployment: Pick<StoredDeviceDeployment, 'status'> | null,
): { slots: Slot[] | null; boot: BootEnvironment | null } {
  if (!card) return { slots: null, boot: null }
  return { slots: slotsOf(card, { evidence, isWriting: WRITING.includes(deployment?.status ?? '') }), boot: bootOf(card) }
}

/**
 * In what the client's word and the evidence disagree. The client tells of its root file system as `rootfs-image.version` once it has updated
 * one; what it tells before the system that runs is up is of the one before.
 */
export function mismatchOf({ machine, card, record }: OpenBoard, sources: Pick<BoardSources, 'store'>): string | null {
  const { phase, partition, upAt } = { ...machine.evidence, upAt: machine.upAt }
  const device = deviceOfBoard({ record }, sources)
  if (phase !== 'up' || partition === null || upAt === null || !card || !device || (device.lastPollAt ?? 0) < upAt) return null
  const claim = sources.store.inventory.ofDevice(device.id).find(({ name }) => name === 'rootfs-image.version')
  const runs = artifactOn(card, partition)
  if (!claim || runs === null || claim.value === runs) return null
  const slot = slotOf(card, partition)
  const place = slot === null ? `partition ${partition}` : `slot ${slot}`
  return `the client says that ${String(claim.value)} is installed, but ${place} runs ${runs}`
}

/** As ssh prints it, of a line of known_hosts without its host. */
function fingerprintOf(hostKey: string): string {
  const blob = Buffer.from(hostKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
