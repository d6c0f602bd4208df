import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { PIN_TRIES } from '../../../contract/station.ts'

const kept = z.object({
  salt: z.string(),
  hash: z.string(),
  /** Wrong ones since the last right one. */
  wrong: z.int(),
  blockedUntil: z.int(),
})
type Kept = z.infer<typeof kept>

export interface PinStore {
  get(): unknown
  set(value: unknown): void
}

const BLOCKED_MS = 60_000
const LONGEST_MS = 3_600_000
/** 32 MiB and about a tenth of a second for each try: a PIN is short. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 }

/** The PIN that ends the station: kept as a scrypt hash, with few tries, also over restarts. */
export class Pin {
  readonly #store: PinStore
  readonly #now: () => number

  constructor(store: PinStore, now: () => number) {
    this.#store = store
    this.#now = now
  }

  get isSet(): boolean {
    return this.#read() !== null
  }

  /** null when it may be tried. */
  get blockedUntil(): number | null {
    const until = this.#read()?.blockedUntil ?? 0
    return until > this.#now() ? until : null
  }

  async set(pin: string | null): Promise<void> {
    if (pin === null) return this.#store.set(null)
    const salt = randomBytes(16)
    this.#store.set({ salt: salt.toString('hex'), hash: (await hashOf(pin, salt)).toString('hex'), wrong: 0, blockedUntil: 0 })
  }

  /** Passes when there is none. LOGIN_REFUSED for a wrong one, and after too many wrong ones for a while. */
  async check(pin: string | null): Promise<void> {
    const before = this.#read()
    if (before === null) return
    if (before.blockedUntil > this.#now()) throw new AppError('LOGIN_REFUSED', 'There were too many wrong PINs', 'Wait a while.')
    // Who gives none has tried none.
    if (pin === null) throw new AppError('LOGIN_REFUSED', 'The station ends by its PIN', 'Type it.')
    // Counted before it is looked at: a try that is cut off is a try.
    const wrong = before.wrong + 1
    const rounds = Math.floor(wrong / PIN_TRIES)
    const blockedUntil = wrong % PIN_TRIES === 0 ? this.#now() + Math.min(LONGEST_MS, BLOCKED_MS * 2 ** (rounds - 1)) : 0
    this.#store.set({ ...before, wrong, blockedUntil })
    const hash = await hashOf(pin, Buffer.from(before.salt, 'hex'))
    if (!timingSafeEqual(hash, Buffer.from(before.hash, 'hex'))) throw refusal(wrong, blockedUntil > 0)
    this.#store.set({ ...before, wrong: 0, blockedUntil: 0 })
  }

  #read(): Kept | null {
    const parsed = kept.safeParse(this.#store.get())
    return parsed.success ? parsed.data : null
  }
}

function refusal(wrong: number, isBlocked: boolean): AppError {
  if (isBlocked) return new AppError('LOGIN_REFUSED', 'That is not the PIN, and there were too many wrong ones', 'Wait a while.')
  const left = PIN_TRIES - (wrong % PIN_TRIES)
  return new AppError('LOGIN_REFUSED', 'That is not the PIN', `There are ${left} more tries.`)
}

function hashOf(pin: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, 32, COST, (thrown, hash) => (thrown ? reject(thrown) : resolve(hash)))
  })
}
