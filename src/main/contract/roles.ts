import { z } from 'zod'

/** What a user may do; each may what those before it may. */
export const userRole = z.enum(['viewer', 'operator', 'engineer'])
export type UserRole = z.infer<typeof userRole>

export const ROLE_TEXTS: Readonly<Record<UserRole, string>> = {
  viewer: 'sees everything and changes nothing',
  operator: 'flashes, provisions and deploys',
  engineer: 'also changes keys, settings and users',
}

/** The least role for reading, and for orders. */
export interface RoleNeed {
  read: UserRole
  order: UserRole
}

const OWN: RoleNeed = { read: 'viewer', order: 'viewer' }
const WORK: RoleNeed = { read: 'viewer', order: 'operator' }
const REACH: RoleNeed = { read: 'operator', order: 'operator' }
const SETTING: RoleNeed = { read: 'viewer', order: 'engineer' }
const GUARDED: RoleNeed = { read: 'engineer', order: 'engineer' }

/** Of each group of operations. What is not named here is an engineer's. */
const NEEDS: Readonly<Record<string, RoleNeed>> = {
  account: OWN,
  ...{ artifacts: WORK, comparisons: WORK, compose: WORK, images: WORK, recipes: WORK, opened: WORK, jobs: WORK },
  ...{ deployments: WORK, devices: WORK, discovery: WORK, groups: WORK, boards: WORK, simulated: WORK },
  ...{ drives: WORK, topology: WORK, flash: WORK, provision: WORK, serial: WORK, station: WORK },
  ...{ consoles: REACH, folders: REACH, remote: REACH, tokens: REACH, recordings: REACH },
  ...{ associations: SETTING, server: SETTING, keys: SETTING, webhooks: SETTING, audit: SETTING, doctor: SETTING },
  ...{ backup: GUARDED, users: GUARDED },
}

/** Orders that take more than others of their group: the PIN keeps operators at the station. */
const STRICTER: Readonly<Record<string, UserRole>> = { 'station.setPin': 'engineer' }

/** `name`: of a group, or of one operation of it, as `station.setPin`. */
export function roleNeeded(name: string, kind: keyof RoleNeed): UserRole {
  const [group = ''] = name.split('.')
  const stricter = kind === 'order' ? STRICTER[name] : undefined
  return stricter ?? (NEEDS[group] ?? GUARDED)[kind]
}

/** Of an operation that names files of the engine's machine: who only sees the bench does not see them. */
export function localRoleNeeded(name: string, kind: keyof RoleNeed): UserRole {
  const needed = roleNeeded(name, kind)
  return needed === 'viewer' ? 'operator' : needed
}

export function hasRole(role: UserRole, needed: UserRole): boolean {
  return userRole.options.indexOf(role) >= userRole.options.indexOf(needed)
}

/** Why this role may not; null when it may. */
export function roleRefusal(role: UserRole, needed: UserRole): string | null {
  return hasRole(role, needed) ? null : `This takes ${named(needed)}, and you are ${named(role)}.`
}

const named = (role: UserRole): string => `${role === 'viewer' ? 'a' : 'an'} ${role}`
