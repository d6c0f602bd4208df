import { t } from '@lingui/core/macro'
import type { DeviceDeploymentStatus } from '@contract/devices.ts'
import { Ban, Check, CheckCheck, Clock3, Cog, Download, type LucideIcon, Pause, PackageX, RotateCw, Trash2, X } from 'lucide-react'
import type { Token } from './card-states.ts'

interface StatusLook {
  word: string
  icon: LucideIcon
  token: Token
  isFinal: boolean
}

const paused = { word: t`PAUSED`, icon: Pause, token: 'attention', isFinal: false } as const

/** How each status of a device deployment is shown, in the order in which a device goes through them. */
export const DEPLOYMENT_STATUSES: Readonly<Record<DeviceDeploymentStatus, StatusLook>> = {
  success: { word: t`SUCCESS`, icon: Check, token: 'ok', isFinal: true },
  'already-installed': { word: t`ALREADY INSTALLED`, icon: CheckCheck, token: 'ok', isFinal: true },
  pending: { word: t`PENDING`, icon: Clock3, token: 'info', isFinal: false },
  downloading: { word: t`DOWNLOADING`, icon: Download, token: 'progress', isFinal: false },
  pause_before_installing: paused,
  installing: { word: t`INSTALLING`, icon: Cog, token: 'progress', isFinal: false },
  pause_before_rebooting: paused,
  rebooting: { word: t`REBOOTING`, icon: RotateCw, token: 'progress', isFinal: false },
  pause_before_committing: paused,
  noartifact: { word: t`NO ARTIFACT`, icon: PackageX, token: 'attention', isFinal: true },
  aborted: { word: t`ABORTED`, icon: Ban, token: 'neutral', isFinal: true },
  decommissioned: { word: t`DECOMMISSIONED`, icon: Trash2, token: 'neutral', isFinal: true },
  failure: { word: t`FAILURE`, icon: X, token: 'danger', isFinal: true },
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
