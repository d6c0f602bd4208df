import { t } from '@lingui/core/macro'
import type { CardState, Device } from '@contract/devices.ts'
import {
  Ban,
  Check,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  Clock3,
  Cog,
  Download,
  EqualNot,
  GitFork,
  Hourglass,
  type LucideIcon,
  Pause,
  PowerOff,
  RotateCcw,
  RotateCw,
  TimerOff,
  TriangleAlert,
  X,
} from 'lucide-react'

export type Token = 'neutral' | 'info' | 'progress' | 'ok' | 'attention' | 'danger' | 'unconfirmed'

/** How a card is framed. Colour is never the only sign: each frame differs in shape as well. */
export type CardFrame = 'solid' | 'dashed' | 'bar' | 'double' | 'hatched' | 'double-hatched'

export interface StateLook {
  word: string
  icon: LucideIcon
  token: Token
  frame: CardFrame
  isMuted?: true
}

/** Word, icon, colour token and frame of each state of a card. Red is what needs repair, amber what needs a person. */
export const CARD_STATES: Readonly<Record<CardState, StateLook>> = {
  pending: { word: t`ASKS TO JOIN`, icon: CircleAlert, token: 'attention', frame: 'bar' },
  expected: { word: t`EXPECTED`, icon: Hourglass, token: 'neutral', frame: 'dashed' },
  'up-to-date': { word: t`UP TO DATE`, icon: Check, token: 'ok', frame: 'solid' },
  queued: { word: t`QUEUED`, icon: Clock3, token: 'info', frame: 'solid' },
  downloading: { word: t`DOWNLOADING`, icon: Download, token: 'progress', frame: 'solid' },
  installing: { word: t`INSTALLING`, icon: Cog, token: 'progress', frame: 'solid' },
  paused: { word: t`PAUSED`, icon: Pause, token: 'attention', frame: 'dashed' },
  rebooting: { word: t`REBOOTING`, icon: RotateCw, token: 'progress', frame: 'solid' },
  'trial-boot': { word: t`TRIAL BOOT`, icon: GitFork, token: 'unconfirmed', frame: 'hatched' },
  updated: { word: t`UPDATED`, icon: CircleCheck, token: 'ok', frame: 'solid' },
  'rolled-back': { word: t`ROLLED BACK`, icon: RotateCcw, token: 'attention', frame: 'bar' },
  failed: { word: t`FAILED`, icon: X, token: 'danger', frame: 'double' },
  inconsistent: { word: t`INCONSISTENT`, icon: TriangleAlert, token: 'danger', frame: 'double-hatched' },
  mismatch: { word: t`MISMATCH`, icon: EqualNot, token: 'danger', frame: 'double' },
  overdue: { word: t`OVERDUE`, icon: TimerOff, token: 'attention', frame: 'dashed' },
  offline: { word: t`OFFLINE`, icon: CircleDashed, token: 'neutral', frame: 'dashed', isMuted: true },
  off: { word: t`OFF`, icon: PowerOff, token: 'neutral', frame: 'dashed', isMuted: true },
  rejected: { word: t`REJECTED`, icon: Ban, token: 'neutral', frame: 'solid', isMuted: true },
}

/** States in which work is under way on the device. */
export function isBusy(state: CardState): boolean {
  return CARD_STATES[state].token === 'progress' || state === 'trial-boot'
}

/** Whether a device waits for a person: by its state, or because it asks with a new key, as after re-flashing. */
export function needsPerson({ card, newKey }: Pick<Device, 'card' | 'newKey'>): boolean {
  const { token } = CARD_STATES[card.state]
  return newKey !== null || token === 'attention' || token === 'danger'
}
