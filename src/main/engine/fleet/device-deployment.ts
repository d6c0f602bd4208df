import type { DeviceDeploymentStatus } from '../../contract/devices.ts'

/** Statuses that only the server gives; a device reports any other. */
const SERVERS_OWN = new Set<DeviceDeploymentStatus>(['pending', 'noartifact', 'aborted', 'decommissioned'])

const FINISHED = new Set<DeviceDeploymentStatus>(['success', 'failure', 'already-installed', 'noartifact', 'aborted', 'decommissioned'])

export function isFinished(status: DeviceDeploymentStatus): boolean {
  return FINISHED.has(status)
}

export type StatusReport =
  | { kind: 'moved'; isFinished: boolean }
  /** It has failed and has tries left: it is as if it had not begun. */
  | { kind: 'retry' }
  /** A repetition: clients report "downloading" three times. */
  | { kind: 'same' }
  /** Answered 409, on which the client rolls back. */
  | { kind: 'aborted' }
  | { kind: 'refused'; why: string }

/** Where a device is in a deployment. */
export interface Progress {
  status: DeviceDeploymentStatus
  failedAttempts: number
  /** How often it may fail and try again. */
  retries: number
  /** Whether it was given the artifact since it failed last. */
  isOffered: boolean
}

/**
 * What a device's status report does (Mender, deployments): any order is taken, even after success, but nothing after an abort. A
 * device that fails gets the same again as long as it has tries left.
 */
export function reportStatus(progress: Progress, reported: DeviceDeploymentStatus): StatusReport {
  const { status: current, failedAttempts, retries, isOffered } = progress
  if (SERVERS_OWN.has(reported)) return { kind: 'refused', why: `"${reported}" is not a status that a device reports` }
  if (current === 'aborted' || current === 'decommissioned') return { kind: 'aborted' }
  // A client that did not hear our answer says again that it has failed.
  if (current === reported || (reported === 'failure' && failedAttempts > 0 && !isOffered)) return { kind: 'same' }
  if (reported === 'failure' && failedAttempts < retries && !isFinished(current)) return { kind: 'retry' }
  return { kind: 'moved', isFinished: isFinished(reported) }
}
