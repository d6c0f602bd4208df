import type { AuthStatus } from '../../contract/devices.ts'

export type AuthsetStatus = 'pending' | 'accepted' | 'rejected' | 'preauthorized'

interface Authset {
  id: string
  status: AuthsetStatus
}

export type AuthsetDecision =
  | { kind: 'changed'; statuses: Map<string, AuthsetStatus>; deviceStatus: AuthStatus }
  | { kind: 'unchanged' }
  | { kind: 'refused'; why: string }

/** A device's status is that of its weightiest authset. */
const WEIGHT: readonly AuthStatus[] = ['noauth', 'rejected', 'pending', 'preauthorized', 'accepted']

export function deviceStatusOf(statuses: Iterable<AuthsetStatus>): AuthStatus {
  const weights = [...statuses].map((status) => WEIGHT.indexOf(status))
  return WEIGHT[Math.max(0, ...weights)] ?? 'noauth'
}

/**
 * What giving one authset a status does to all of a device's authsets (Mender, device authentication): only one is accepted, so
 * accepting a key rejects the one accepted before; a preauthorized key cannot go back to pending.
 */
export function decideAuthset(authsets: readonly Authset[], id: string, status: AuthsetStatus): AuthsetDecision {
  const current = authsets.find((set) => set.id === id)
  if (!current) return { kind: 'refused', why: 'the device has no such key' }
  if (current.status === status) return { kind: 'unchanged' }
  if (current.status === 'preauthorized' && status === 'pending')
    return { kind: 'refused', why: 'a preauthorized key cannot become pending' }
  const statuses = new Map<string, AuthsetStatus>([[id, status]])
  if (status === 'accepted') for (const set of authsets) if (set.id !== id && set.status === 'accepted') statuses.set(set.id, 'rejected')
  const after = authsets.map((set) => statuses.get(set.id) ?? set.status)
  return { kind: 'changed', statuses, deviceStatus: deviceStatusOf(after) }
}

/** What a key is that asks to join for the first time, or again. */
export function statusOnRequest(known: AuthsetStatus | null, isWelcome: boolean): AuthsetStatus {
  if (known === 'preauthorized') return 'accepted'
  if ((known === null || known === 'pending') && isWelcome) return 'accepted'
  return known ?? 'pending'
}

/**
 * The key that waits while another one of the device is accepted: the commonest event of a lab, a board that was flashed again. null
 * when there is none.
 */
export function newKeyOf<T extends Authset & { createdAt: number }>(authsets: readonly T[]): T | null {
  if (!authsets.some(({ status }) => status === 'accepted')) return null
  return authsets.filter(({ status }) => status === 'pending').toSorted((a, b) => b.createdAt - a.createdAt)[0] ?? null
}
