import { AppError } from '../../contract/errors.ts'
import { hasRole } from '../../contract/roles.ts'
import type { User } from '../../contract/users.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import type { Caller } from '../server/caller.ts'
import { changeUser, createUser, findUser, removeUser, setRole } from '../server/user-actions.ts'
import { live } from './live.ts'

export function userHandlers(os: Operations, { actions, changes, login, store }: EngineParts) {
  /** On this machine it is the admin who acts. */
  const asker = ({ visitor }: Caller) => visitor?.user ?? login.admin()
  function list(): User[] {
    const sessions = login.sessions()
    return store.users.list().map(({ id, name, role, createdAt, lastLoginAt }) => {
      const sessionCount = sessions.filter(({ userId }) => userId === id).length
      return { id, name, role, createdAt, lastLoginAt, sessionCount }
    })
  }
  const sessions = ({ visitor }: Caller) =>
    login.sessions().map(({ id, userId, createdAt, lastUsedAt, expiresAt }) => {
      const userName = store.users.get(userId)?.name ?? ''
      return { id, userName, createdAt, lastUsedAt, expiresAt, isOwn: visitor?.token.id === id }
    })
  return {
    list: os.users.list.handler(live([changes.credentials], list)),
    add: os.users.add.handler(({ input }) => createUser(actions, input)),
    setRole: os.users.setRole.handler(({ input }) => setRole(actions, input)),
    setPassword: os.users.setPassword.handler(async ({ input: { id, password } }) => {
      await changeUser(actions, { id, password, name: null, currentPassword: null, by: null })
    }),
    remove: os.users.remove.handler(({ input }) => removeUser(actions, findUser(actions, input.id).id)),
    sessions: os.users.sessions.handler(({ input, signal, context }) =>
      live([changes.credentials], () => sessions(context))({ input, signal }),
    ),
    endSession: os.users.endSession.handler(({ input }) => {
      if (!login.endSession(input.id)) throw new AppError('NOT_FOUND', `There is no session ${input.id}`, 'See the list of sessions.')
    }),
    account: {
      self: os.account.self.handler(({ input, signal, context: { visitor, isRemote = false } }) =>
        live([changes.credentials], () => {
          const { name, role } = (visitor && store.users.get(visitor.user.id)) ?? { name: null, role: 'engineer' as const }
          return { name, role, hasMachine: !isRemote && hasRole(role, 'operator') }
        })({ input, signal }),
      ),
      setPassword: os.account.setPassword.handler(async ({ input, context }) => {
        const { id, ...by } = asker(context)
        await changeUser(actions, { ...input, id, name: null, by: { id, ...by } })
      }),
    },
  }
}
