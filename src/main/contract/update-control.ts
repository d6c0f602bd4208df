import type { UpdateControlMap, UpdateControlState } from './deployments.ts'

/** What people call the points at which devices can be made to wait. */
export const PAUSE_POINTS = ['install', 'reboot', 'commit'] as const
export type PausePoint = (typeof PAUSE_POINTS)[number]

const STATES: Readonly<Record<PausePoint, UpdateControlState>> = {
  install: 'ArtifactInstall_Enter',
  reboot: 'ArtifactReboot_Enter',
  commit: 'ArtifactCommit_Enter',
}

/** The map that makes devices wait before these; null for none. */
export function pausingMap(points: readonly PausePoint[]): UpdateControlMap | null {
  if (points.length === 0) return null
  return { priority: 0, states: Object.fromEntries(points.map((point) => [STATES[point], { action: 'pause' }])) }
}
