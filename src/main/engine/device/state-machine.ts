import type { DeviceDeploymentStatus } from '../../contract/devices.ts'

/** The states of one update, named as Mender's state scripts name them; `CommitLeave` and `Report` follow the commit. */
export const UPDATE_STATES = [
  'Download',
  'ArtifactInstall',
  'ArtifactReboot',
  'ArtifactVerifyReboot',
  'ArtifactCommit',
  'ArtifactCommitLeave',
  'ArtifactRollback',
  'ArtifactRollbackReboot',
  'ArtifactVerifyRollbackReboot',
  'ArtifactFailure',
  'Cleanup',
  'Report',
] as const
export type UpdateState = (typeof UPDATE_STATES)[number]

/** How a state ended. `interrupted`: the board restarted while it was in this state, whether on purpose or not. */
export type StateOutcome = 'done' | 'failed' | 'interrupted'

/** What of the update the way through the states depends on. */
export interface UpdateFacts {
  /** The payload takes effect by a reboot (rootfs-image). */
  needsReboot: boolean
  canRollBack: boolean
  /** ArtifactReboot was entered. */
  hasRebooted: boolean
}

type Target = UpdateState | null | ((facts: UpdateFacts) => UpdateState)

const giveUp = (facts: UpdateFacts): UpdateState => (facts.canRollBack ? 'ArtifactRollback' : 'ArtifactFailure')

/**
 * Where each end of each state leads; null is the end of the update.
 * A download that was interrupted is given up, not repeated: slot content that nobody watched being written is not trusted.
 * An interrupted commit is entered again, because it alone can tell from the boot environment whether it took effect.
 */
const TRANSITIONS: Readonly<Record<UpdateState, Readonly<Record<StateOutcome, Target>>>> = {
  Download: { done: 'ArtifactInstall', failed: 'Cleanup', interrupted: 'Cleanup' },
  ArtifactInstall: { done: (facts) => (facts.needsReboot ? 'ArtifactReboot' : 'ArtifactCommit'), failed: giveUp, interrupted: giveUp },
  ArtifactReboot: { done: 'ArtifactVerifyReboot', failed: giveUp, interrupted: 'ArtifactVerifyReboot' },
  ArtifactVerifyReboot: { done: 'ArtifactCommit', failed: giveUp, interrupted: giveUp },
  ArtifactCommit: { done: 'ArtifactCommitLeave', failed: giveUp, interrupted: 'ArtifactCommit' },
  ArtifactCommitLeave: { done: 'Cleanup', failed: 'Cleanup', interrupted: 'ArtifactCommitLeave' },
  ArtifactRollback: {
    done: (facts) => (facts.hasRebooted ? 'ArtifactRollbackReboot' : 'ArtifactFailure'),
    failed: 'ArtifactFailure',
    interrupted: 'ArtifactRollback',
  },
  ArtifactRollbackReboot: {
    done: 'ArtifactVerifyRollbackReboot',
    failed: 'ArtifactVerifyRollbackReboot',
    interrupted: 'ArtifactVerifyRollbackReboot',
  },
  ArtifactVerifyRollbackReboot: { done: 'ArtifactFailure', failed: 'ArtifactFailure', interrupted: 'ArtifactVerifyRollbackReboot' },
  ArtifactFailure: { done: 'Cleanup', failed: 'Cleanup', interrupted: 'ArtifactFailure' },
  Cleanup: { done: 'Report', failed: 'Report', interrupted: 'Cleanup' },
  Report: { done: null, failed: null, interrupted: 'Report' },
}

/** The state after `state`, or null when the update is over. */
export function nextState(state: UpdateState, outcome: StateOutcome, facts: UpdateFacts): UpdateState | null {
  const target = TRANSITIONS[state][outcome]
  return typeof target === 'function' ? target(facts) : target
}

/** Whether a restart in this state makes the update fail by itself. */
export function failsWhenInterrupted(state: UpdateState): boolean {
  return state === 'Download' || state === 'ArtifactInstall' || state === 'ArtifactVerifyReboot'
}

/** What the device tells the server on entering a state; Report's word depends on the outcome. */
export const STATUS_ON_ENTRY: Readonly<Partial<Record<UpdateState, DeviceDeploymentStatus>>> = {
  Download: 'downloading',
  ArtifactInstall: 'installing',
  ArtifactReboot: 'rebooting',
  ArtifactCommit: 'installing',
}
