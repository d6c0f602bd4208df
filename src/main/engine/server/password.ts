import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** 2^15 rounds over blocks of 8: about 33 MB and a tenth of a second for each guess. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const KEY_BYTES = 32

/** `scrypt$N$r$p$salt$key`, the last two in base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** What no password matches, at the cost of a guess: held against it, a name that nobody has takes as long as a wrong password. */
export const NO_PASSWORD = ['scrypt', COST.N, COST.r, COST.p, '', ''].join('$')

/** Whether the password is the one that `hash` was made of. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [, rounds, blockSize, parallel, salt = '', key = ''] = hash.split('$')
  const wanted = Buffer.from(key, 'base64url')
  const cost = { ...COST, N: Number(rounds), r: Number(blockSize), p: Number(parallel) }
  const given = await derive(password, Buffer.from(salt, 'base64url'), cost)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function derive(password: string, salt: Uint8Array, cost: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, cost, (error, key) => (error ? reject(error) : resolve(key)))
  })
}
