import { AppError } from '../../contract/errors.ts'
import { localRoleNeeded, roleNeeded } from '../../contract/roles.ts'
import { isAllowed, needOfOperation } from '../fleet/scopes.ts'
import { refuseByRole, scopeRefusal } from './audit.ts'
import type { Visitor } from './login.ts'

/** Who asks: over the network, or on this machine (the app's window, the command line). */
export interface Caller {
  /** Over the network, where the files and drives of this machine are not for it. */
  isRemote?: boolean
  /** Who asks over the network. */
  visitor?: Visitor
  /** From where. */
  address?: string
}

/** What is asked for: an operation as `folders.list`. */
interface Asked {
  name: string
  isRead: boolean
  /** It names files or drives of this machine. */
  isLocal: boolean
}

/** PERMISSION for what this caller may not ask. */
export function refuseCaller({ isRemote = false, visitor }: Caller, { name, isRead, isLocal }: Asked): void {
  if (isRemote && isLocal) throw notFromAfar()
  if (!visitor) return
  const needed = isLocal ? localRoleNeeded : roleNeeded
  refuseByRole(visitor, needed(name, isRead ? 'read' : 'order'))
  const need = needOfOperation(name.split('.')[0] ?? '', isRead)
  if (!isAllowed(visitor.token.scopes, need)) throw scopeRefusal(visitor, need)
}

function notFromAfar(): AppError {
  const hint = 'Do it in the app or with otabench on that machine, or in a browser when it runs otabench serve --ui --share-machine.'
  return new AppError('PERMISSION', 'This names files of the machine that the engine runs on, and you ask from elsewhere', hint)
}
