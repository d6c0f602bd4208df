import type { DeviceDeploymentStatus } from '@contract/devices.ts'
import { Ban, Check, CheckCheck, Clock3, Cog, Download, type LucideIcon, Pause, PackageX, RotateCw, Trash2, X } from 'lucide-react'
import type { Token } from './card-states.ts'

interface StatusLook {
  word: string
  icon: LucideIcon
  token: Token
  isFinal: boolean
}

const paused = { word: 'PAUSED', icon: Pause, token: 'attention', isFinal: false } as const

/** How each status of a device deployment is shown, in the order in which a device goes through them. */
export const DEPLOYMENT_STATUSES: Readonly<Record<DeviceDeploymentStatus, StatusLook>> = {
  success: { word: 'SUCCESS', icon: Check, token: 'ok', isFinal: true },
  'already-installed': { word: 'ALREADY INSTALLED', icon: CheckCheck, token: 'ok', isFinal: true },
  pending: { word: 'PENDING', icon: Clock3, token: 'info', isFinal: false },
  downloading: { word: 'DOWNLOADING', icon: Download, token: 'progress', isFinal: false },
  pause_before_installing: paused,
  installing: { word: 'INSTALLING', icon: Cog, token: 'progress', isFinal: false },
  pause_before_rebooting: paused,
  rebooting: { word: 'REBOOTING', icon: RotateCw, token: 'progress', isFinal: false },
  pause_before_committing: paused,
  noartifact: { word: 'NO ARTIFACT', icon: PackageX, token: 'attention', isFinal: true },
  aborted: { word: 'ABORTED', icon: Ban, token: 'neutral', isFinal: true },
  decommissioned: { word: 'DECOMMISSIONED', icon: Trash2, token: 'neutral', isFinal: true },
  failure: { word: 'FAILURE', icon: X, token: 'danger', isFinal: true },
}

/** How many devices wait at a pause point. */
export function pausedCount(statistics: Partial<Record<DeviceDeploymentStatus, number>>): number {
  return outcomeParts(statistics).find(({ word }) => word === paused.word)?.count ?? 0
}

export interface OutcomePart {
  token: Token
  word: string
  count: number
}

/** The devices of a deployment by outcome, those of like look added up, in the order of the table above. */
export function outcomeParts(statistics: Partial<Record<DeviceDeploymentStatus, number>>): OutcomePart[] {
  const parts = new Map<string, OutcomePart>()
  for (const [status, { word, token }] of Object.entries(DEPLOYMENT_STATUSES)) {
    const count = Object.entries(statistics).find(([name]) => name === status)?.[1] ?? 0
    if (count > 0) parts.set(word, { token, word, count: (parts.get(word)?.count ?? 0) + count })
  }
  return [...parts.values()]
}
