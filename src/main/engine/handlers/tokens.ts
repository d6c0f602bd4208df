import { AppError } from '../../contract/errors.ts'
import type { EngineParts } from '../parts.ts'
import type { Operations } from '../router.ts'
import type { Caller } from '../server/caller.ts'
import { live } from './live.ts'

export function tokenHandlers(os: Operations, { changes, login }: EngineParts) {
  /** On this machine it is the admin who acts. */
  const owner = ({ visitor }: Caller) => ({ user: visitor?.user ?? login.admin() })
  const list = (context: Caller) =>
    login
      .tokens(owner(context))
      .map(({ id, name, scopes, createdAt, expiresAt, lastUsedAt }) => ({ id, name, scopes, createdAt, expiresAt, lastUsedAt }))
  return {
    list: os.tokens.list.handler(({ input, signal, context }) => live([changes.credentials], () => list(context))({ input, signal })),
    create: os.tokens.create.handler(({ input, context }) => ({ token: login.createToken(owner(context), input) })),
    revoke: os.tokens.revoke.handler(({ input, context }) => {
      if (!login.revokeToken(owner(context), input.id))
        throw new AppError('NOT_FOUND', `There is no token ${input.id}`, 'See the list of tokens.')
    }),
  }
}
