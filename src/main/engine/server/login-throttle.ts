import { AppError } from '../../contract/errors.ts'
import type { Clock } from '../host.ts'

interface Guesses {
  count: number
  at: number
  /** Nothing is tried from there before. */
  lockedUntil: number
  /** Of whom. */
  names: ReadonlySet<string>
}

const FREE_GUESSES = 5
/** From so many on, each wrong guess locks its address, for twice as long each time. */
const LOCKING_GUESSES = 10
const FIRST_LOCK_MS = 60_000
const MAX_LOCK_MS = 60 * 60_000
const MAX_DELAY_MS = 5000
const FORGET_MS = 10 * 60_000
const MAX_ADDRESSES = 1000

/**
 * Makes guessing slow, and locks nobody out but who guesses: after some wrong guesses from one address each further one waits, and then
 * none is tried for a while. A guess counts as wrong until it has proven right, so that guesses side by side gain nothing. LOGIN_REFUSED.
 * Who knows one password has not thereby guessed another's: where several names were tried, a right guess takes back only itself.
 */
export function openThrottle(clock: Clock): (address: string, name: string) => Promise<() => void> {
  const guesses = new Map<string, Guesses>()
  return async (address, name) => {
    const now = clock.now()
    for (const [other, { at, lockedUntil }] of guesses)
      if (now - Math.max(at, lockedUntil) > FORGET_MS || guesses.size > MAX_ADDRESSES) guesses.delete(other)
    const known = guesses.get(address)
    if (known && known.lockedUntil > now) throw locked(known.lockedUntil - now)
    const count = (known?.count ?? 0) + 1
    const lockMs = count < LOCKING_GUESSES ? 0 : Math.min(FIRST_LOCK_MS * 2 ** (count - LOCKING_GUESSES), MAX_LOCK_MS)
    guesses.set(address, { count, at: now, lockedUntil: now + lockMs, names: new Set(known?.names).add(name) })
    if (count > FREE_GUESSES) await clock.sleep(Math.min(250 * 2 ** (count - FREE_GUESSES - 1), MAX_DELAY_MS))
    return () => {
      const last = guesses.get(address)
      if (last && last.names.size > 1) guesses.set(address, { ...last, count: last.count - 1, lockedUntil: known?.lockedUntil ?? 0 })
      else guesses.delete(address)
    }
  }
}

function locked(ms: number): AppError {
  const wait = ms > 90_000 ? `${Math.ceil(ms / 60_000)} minutes` : `${Math.ceil(ms / 1000)} seconds`
  return new AppError('LOGIN_REFUSED', 'Too many wrong guesses came from this address', `Try again in ${wait}, or from another machine.`)
}
