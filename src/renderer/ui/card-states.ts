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
  pending: { word: 'ASKS TO JOIN', icon: CircleAlert, token: 'attention', frame: 'bar' },
  expected: { word: 'EXPECTED', icon: Hourglass, token: 'neutral', frame: 'dashed' },
  'up-to-date': { word: 'UP TO DATE', icon: Check, token: 'ok', frame: 'solid' },
  queued: { word: 'QUEUED', icon: Clock3, token: 'info', frame: 'solid' },
  downloading: { word: 'DOWNLOADING', icon: Download, token: 'progress', frame: 'solid' },
  installing: { word: 'INSTALLING', icon: Cog, token: 'progress', frame: 'solid' },
  paused: { word: 'PAUSED', icon: Pause, token: 'attention', frame: 'dashed' },
  rebooting: { word: 'REBOOTING', icon: RotateCw, token: 'progress', frame: 'solid' },
  'trial-boot': { word: 'TRIAL BOOT', icon: GitFork, token: 'unconfirmed', frame: 'hatched' },
  updated: { word: 'UPDATED', icon: CircleCheck, token: 'ok', frame: 'solid' },
  'rolled-back': { word: 'ROLLED BACK', icon: RotateCcw, token: 'attention', frame: 'bar' },
  failed: { word: 'FAILED', icon: X, token: 'danger', frame: 'double' },
  inconsistent: { word: 'INCONSISTENT', icon: TriangleAlert, token: 'danger', frame: 'double-hatched' },
  mismatch: { word: 'MISMATCH', icon: EqualNot, token: 'danger', frame: 'double' },
  overdue: { word: 'OVERDUE', icon: TimerOff, token: 'attention', frame: 'dashed' },
  offline: { word: 'OFFLINE', icon: CircleDashed, token: 'neutral', frame: 'dashed', isMuted: true },
  off: { word: 'OFF', icon: PowerOff, token: 'neutral', frame: 'dashed', isMuted: true },
  rejected: { word: 'REJECTED', icon: Ban, token: 'neutral', frame: 'solid', isMuted: true },
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
