import type { DeviceDeploymentStatus } from '../../contract/devices.ts'

/** Statuses that a device may report. */
const REPORTABLE = new Set<DeviceDeploymentStatus>([
  'downloading',
  'installing',
  'rebooting',
  'pause_before_installing',
  'pause_before_rebooting',
  'pause_before_committing',
  'success',
  'failure',
  'already-installed',
])

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
  if (!REPORTABLE.has(reported)) return { kind: 'refused', why: `"${reported}" is not a status that a device reports` }
  if (current === 'aborted' || current === 'decommissioned') return { kind: 'aborted' }
  if (current === reported) return { kind: 'same' }
  return { kind: 'moved', isFinished: isFinished(reported) }
}
