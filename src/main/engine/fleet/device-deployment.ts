import type { DeviceDeploymentStatus } from '../../contract/devices.ts'

/** Statuses that only the server gives; a device reports any other. */
const SERVERS_OWN = new Set<DeviceDeploymentStatus>(['pending', 'noartifact', 'aborted', 'decommissioned'])

const FINISHED = new Set<DeviceDeploymentStatus>(['success', 'failure', 'already-installed', 'noartifact', 'aborted', 'decommissioned'])

export function isFinished(status: DeviceDeploymentStatus): boolean {
  return FINISHED.has(status)
}

export type StatusReport =
  | { kind: 'moved'; isFinished: boolean }
  /** A repetition: clients report "downloading" three times. */
  | { kind: 'same' }
  /** Answered 409, on which the client rolls back. */
  | { kind: 'aborted' }
  | { kind: 'refused'; why: string }

/** What a device's status report does (Mender, deployments): any order is taken, even after success, but nothing after an abort. */
export function reportStatus(current: DeviceDeploymentStatus, reported: DeviceDeploymentStatus): StatusReport {
  if (SERVERS_OWN.has(reported)) return { kind: 'refused', why: `"${reported}" is not a status that a device reports` }
  if (current === 'aborted' || current === 'decommissioned') return { kind: 'aborted' }
  if (current === reported) return { kind: 'same' }
  return { kind: 'moved', isFinished: isFinished(reported) }
}
