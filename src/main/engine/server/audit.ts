import { AppError } from '../../contract/errors.ts'
import { type UserRole, roleRefusal } from '../../contract/roles.ts'
import type { Store } from '../store/open.ts'
import type { Visitor } from './login.ts'

const MAX_DETAIL = 2000
const SECRET = /pass|secret|token|pem$|pubkey|key$|pin$/i
/** What is written to a file, however short. */
const CONTENT = 'text'

/** One order, as it came to its end. */
export interface Order {
  actor: string
  /** Empty for a session, and on this machine. */
  token: string
  address: string
  action: string
  input: unknown
  /** Why it was refused; null when it was done. */
  failure: string | null
}

/** Who asks, as the log names them: a visitor over the network, or the app and the command line of this machine. */
export function actorOf(visitor: Visitor | null): { actor: string; token: string } {
  return visitor ? { actor: visitor.user.name, token: visitor.token.name } : { actor: 'this machine', token: '' }
}

/** Notes who ordered what. What is secret in it is left out, and what files hold: a text of several lines. */
export function noteOrder({ store, now }: { store: Store; now: () => number }, { input, failure, ...order }: Order): void {
  store.audit.append({ at: now(), ...order, detail: detailOf(input), outcome: failure === null ? 'done' : failure.slice(0, MAX_DETAIL) })
}

/** The input as JSON without secrets, cut where it is long; empty for none. */
function detailOf(input: unknown): string {
  if (input === undefined || input === null) return ''
  const isLeftOut = (name: string, value: string): boolean => SECRET.test(name) || name === CONTENT || value.includes('\n')
  const text = JSON.stringify(input, (name, value: unknown) => (typeof value === 'string' && isLeftOut(name, value) ? '…' : value))
  return text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text
}

/** PERMISSION for a user whose role does not suffice. */
export function refuseByRole({ user }: Visitor, needed: UserRole): void {
  const why = roleRefusal(user.role, needed)
  if (why !== null) throw new AppError('PERMISSION', why, 'An engineer gives roles: in Settings, Users, or with otabench user role.')
}

/** PERMISSION in the words of a token's owner. */
export function scopeRefusal({ token }: Visitor, { area, access }: { area: string | null; access: string }): AppError {
  const hint = `Make a token with the scope ${area}:${access}, or use a login.`
  return new AppError('PERMISSION', `The token ${token.name} may not ${access === 'write' ? 'change' : 'see'} this (${area})`, hint)
}
