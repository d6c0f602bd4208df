import { z } from 'zod'
import type { CardState, Device } from './devices.ts'

/** States as somebody looks for them. A device may be in several of them. */
export const deviceState = z.enum([
  'pending',
  'expected',
  'online',
  'updating',
  'failed',
  'rolled-back',
  'mismatch',
  'silent',
  'off',
  'rejected',
])
export type DeviceState = z.infer<typeof deviceState>

/** Of the states of a card, those that are called otherwise here, or not at all. */
const CARDS: Readonly<Partial<Record<CardState, DeviceState>>> = {
  pending: 'pending',
  expected: 'expected',
  queued: 'updating',
  downloading: 'updating',
  installing: 'updating',
  paused: 'updating',
  rebooting: 'updating',
  'trial-boot': 'updating',
  failed: 'failed',
  inconsistent: 'failed',
  'rolled-back': 'rolled-back',
  mismatch: 'mismatch',
  overdue: 'silent',
  offline: 'silent',
  off: 'off',
  rejected: 'rejected',
}

type Known = Pick<Device, 'card' | 'newKey' | 'status' | 'silentAt' | 'lastSeenAt'>

/** The states that a device is in; online is who is accepted and heard. */
export function statesOf({ card, newKey, status, silentAt, lastSeenAt }: Known): ReadonlySet<DeviceState> {
  const states = new Set<DeviceState>()
  const own = CARDS[card.state]
  if (own !== undefined) states.add(own)
  if (newKey !== null) states.add('pending')
  if (silentAt !== null) states.add('silent')
  if (status === 'accepted' && lastSeenAt !== null && !states.has('silent') && !states.has('off')) states.add('online')
  return states
}
