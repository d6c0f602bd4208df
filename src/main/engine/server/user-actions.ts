import { AppError } from '../../contract/errors.ts'
import type { UserRole } from '../../contract/roles.ts'
import { ADMIN, MIN_PASSWORD } from '../../contract/users.ts'
import type { User } from '../store/users.ts'
import type { ActionParts } from './actions.ts'
import { hashPassword, isPassword } from './password.ts'

const MAX_USERS = 1000

type UserParts = Pick<ActionParts, 'store' | 'now' | 'newId'>

/** The user of this id, or NOT_FOUND. */
export function findUser({ store }: Pick<UserParts, 'store'>, id: string): User {
  const found = store.users.get(id)
  if (!found) throw new AppError('NOT_FOUND', `There is no user ${id}`, 'See the list of users.')
  return found
}

/** A further person who may manage. CONFLICT when the name is taken, or the password too short. */
export async function createUser(
  parts: UserParts,
  { name, password, role = 'engineer' }: { name: string; password: string; role?: UserRole },
): Promise<{ id: string }> {
  const { store, now, newId } = parts
  refusePassword(password)
  const id = newId()
  const passwordHash = await hashPassword(password)
  refuseName(parts, name)
  if (store.users.list().length >= MAX_USERS)
    throw new AppError('CONFLICT', `There are ${MAX_USERS} users already`, 'Remove one that is no longer needed.')
  store.users.add({ id, name, role, passwordHash, createdAt: now() })
  return { id }
}

export interface UserChange {
  name: string | null
  password: string | null
  /** Needed by who changes the own password. */
  currentPassword: string | null
}

/** Renames a user or gives a new password, which ends the user's sessions. CONFLICT for what cannot be. */
export async function changeUser(parts: UserParts, { id, by, ...change }: UserChange & { id: string; by: User | null }): Promise<void> {
  const { store, now } = parts
  const { name, password, currentPassword } = change
  const wanted = findUser(parts, id)
  if (name !== null) refuseRename(parts, wanted, name)
  if (password !== null) {
    refusePassword(password)
    if (by?.id === id && !(await isPassword(currentPassword ?? '', wanted.passwordHash)))
      throw new AppError('CONFLICT', 'The current password is wrong', 'Send it as current_password.')
  }
  const passwordHash = password === null ? null : await hashPassword(password)
  // Looked at again: somebody else may have removed the user meanwhile, or taken the name.
  const user = findUser(parts, id)
  if (name !== null) refuseRename(parts, user, name)
  if (passwordHash !== null) store.users.setPasswordHash(id, passwordHash, now())
  if (name !== null) store.users.rename(id, name, now())
}

/** What a user may do from now on. CONFLICT for the user admin, so that there is always somebody who may everything. */
export function setRole(parts: Pick<UserParts, 'store' | 'now'>, { id, role }: { id: string; role: UserRole }): void {
  const user = findUser(parts, id)
  if (user.name === ADMIN && role !== 'engineer')
    throw new AppError('CONFLICT', `The user ${ADMIN} stays an engineer`, 'Make another user with that role.')
  parts.store.users.setRole(id, role, parts.now())
}

/** Removes a user with sessions and tokens; one that is gone already is fine. CONFLICT for the user admin, which is always there. */
export function removeUser({ store }: Pick<UserParts, 'store'>, id: string): void {
  if (store.users.get(id)?.name === ADMIN)
    throw new AppError('CONFLICT', `The user ${ADMIN} cannot be removed`, 'Give it another password with OTABENCH_ADMIN_PASSWORD.')
  store.users.remove(id)
}

function refusePassword(password: string): void {
  if (password.length < MIN_PASSWORD)
    throw new AppError('CONFLICT', `A password has at least ${MIN_PASSWORD} characters`, 'Choose a longer one.')
}

function refuseRename(parts: UserParts, user: User, name: string): void {
  if (name === user.name) return
  if (user.name === ADMIN) throw new AppError('CONFLICT', `The user ${ADMIN} keeps its name`, 'Make another user instead.')
  refuseName(parts, name)
}

function refuseName({ store }: Pick<UserParts, 'store'>, name: string): void {
  if (store.users.byName(name)) throw new AppError('CONFLICT', `There is a user ${name} already`, 'Choose another name.')
}
