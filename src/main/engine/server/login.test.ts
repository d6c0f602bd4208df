import { createSecretKey } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { FakeClock } from '../host.fake.ts'
import { openStore } from '../store/open.ts'
import { signJwt } from './jwt.ts'
import { ADMIN } from '../../contract/users.ts'
import { ensureAdmin, openLogin } from './login.ts'

const DAY_MS = 86_400_000
const from = (address: string) => ({ address, isLong: false })

describe('the management login', () => {
  const stores: ReturnType<typeof openStore>[] = []
  afterEach(() => {
    for (const store of stores.splice(0)) store.close()
  })

  async function setUp() {
    const store = openStore(':memory:')
    stores.push(store)
    const clock = new FakeClock()
    await ensureAdmin({ store, clock, password: 'right' })
    return { store, clock, login: openLogin({ store, clock }) }
  }

  it('makes a password at the first start when none is given, and says it once', async () => {
    const store = openStore(':memory:')
    stores.push(store)
    const clock = new FakeClock()
    const { createdPassword = '' } = await ensureAdmin({ store, clock })
    expect(createdPassword).toMatch(/^[\w-]{20}$/)
    expect(await ensureAdmin({ store, clock })).toEqual({})
    const login = openLogin({ store, clock })
    expect(login.visitor(await login.login(ADMIN, createdPassword, from('a'))).user.name).toBe(ADMIN)
  })

  it('opens no session by a password that is changed, or for a user who is removed, while it is looked at', async () => {
    const { store, clock, login } = await setUp()
    const admin = store.users.byName(ADMIN)
    const changed = login.login(ADMIN, 'right', from('a'))
    await begun()
    store.users.setPasswordHash(admin?.id ?? '', 'another', clock.now())
    await expect(changed).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
    store.users.add({ ...(admin ?? never()), id: 'u', name: 'ann', createdAt: clock.now() })
    const removed = login.login('ann', 'right', from('a'))
    await begun()
    store.users.remove('u')
    await expect(removed).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
    expect(login.sessions()).toEqual([])
  })

  it('takes a different password over and ends the sessions of the old one, but not the access tokens', async () => {
    const { store, clock, login } = await setUp()
    const session = await login.login(ADMIN, 'right', from('a'))
    const personal = login.createToken(login.visitor(session), { name: 'ci', expiresInMs: null })
    await ensureAdmin({ store, clock, password: 'right' })
    expect(login.visitor(session).user.name).toBe(ADMIN)
    await ensureAdmin({ store, clock, password: 'new' })
    expect(() => login.visitor(session)).toThrow(expect.objectContaining({ code: 'LOGIN_REFUSED' }))
    expect(login.visitor(personal).token.name).toBe('ci')
    await expect(login.login(ADMIN, 'right', from('a'))).rejects.toMatchObject({ code: 'LOGIN_REFUSED' })
  })

  it('keeps no password and no token in the database as it is', async () => {
    const { store, login } = await setUp()
    const session = await login.login(ADMIN, 'right', from('a'))
    const { user, token } = login.visitor(session)
    expect(user.passwordHash).not.toContain('right')
    expect(JSON.stringify(store.users.token(token.id))).not.toContain(session)
  })

  it('lets a session end by itself after a week', async () => {
    const { clock, login } = await setUp()
    const session = await login.login(ADMIN, 'right', from('a'))
    clock.advance(7 * DAY_MS - 1000)
    login.visitor(session)
    clock.advance(2000)
    expect(() => login.visitor(session)).toThrow('expired')
  })

  it('refuses tokens of another kind, changed ones and ones that it has not issued', async () => {
    const { login } = await setUp()
    const session = await login.login(ADMIN, 'right', from('a'))
    const { token, user } = login.visitor(session)
    const forged = signJwt(createSecretKey(new Uint8Array(32)), { aud: 'management', jti: token.id, sub: user.id, exp: 9e9 })
    for (const text of ['', 'x', 'a.b.c', `${session}x`, session.slice(0, -4), forged, `${session}.x`])
      expect(() => login.visitor(text)).toThrow(expect.objectContaining({ code: 'LOGIN_REFUSED' }))
  })

  it('still takes the tokens of before a restart', async () => {
    const { store, clock, login } = await setUp()
    const session = await login.login(ADMIN, 'right', from('a'))
    expect(openLogin({ store, clock }).visitor(session).user.name).toBe(ADMIN)
  })

  it('answers wrong guesses from one address later and later, and nobody else', async () => {
    const { clock, login } = await setUp()
    for (let guess = 0; guess < 5; guess += 1) await expect(login.login(ADMIN, 'wrong', from('a'))).rejects.toThrow('wrong')
    const answered: string[] = []
    const sixth = login.login(ADMIN, 'right', from('a')).then(() => answered.push('a'))
    await login.login(ADMIN, 'right', from('b'))
    expect(answered).toEqual([])
    clock.advance(250)
    await sixth
    await login.login(ADMIN, 'right', from('a'))
  })

  it('tries nothing from an address after ten wrong guesses, longer each time, also when they come side by side', async () => {
    const { clock, login } = await setUp()
    const guesses = Array.from({ length: 30 }, () => login.login(ADMIN, 'wrong', from('a')).catch((thrown: unknown) => String(thrown)))
    clock.advance(60_000 - 1)
    const answers = await Promise.all(guesses)
    expect(answers.filter((answer) => answer.includes('Too many wrong guesses'))).toHaveLength(20)
    await expect(login.login(ADMIN, 'right', from('a'))).rejects.toMatchObject({
      code: 'LOGIN_REFUSED',
      hint: expect.stringContaining('1 second'),
    })
    expect(login.visitor(await login.login(ADMIN, 'right', from('b'))).user.name).toBe(ADMIN)
    clock.advance(1)
    const eleventh = login.login(ADMIN, 'wrong', from('a'))
    clock.advance(5000)
    await expect(eleventh).rejects.toThrow('wrong')
    clock.advance(110_000)
    await expect(login.login(ADMIN, 'right', from('a'))).rejects.toThrow('Too many')
    clock.advance(5000)
    const right = login.login(ADMIN, 'right', from('a'))
    clock.advance(5000)
    expect(login.visitor(await right).user.name).toBe(ADMIN)
  })

  it('gives each access token a name of its own and forgets a revoked one', async () => {
    const { login } = await setUp()
    const visitor = login.visitor(await login.login(ADMIN, 'right', from('a')))
    const token = login.createToken(visitor, { name: 'ci', expiresInMs: 5000 })
    expect(() => login.createToken(visitor, { name: 'ci', expiresInMs: null })).toThrow(expect.objectContaining({ code: 'CONFLICT' }))
    const [listed] = login.tokens(visitor)
    expect(listed).toMatchObject({ name: 'ci' })
    expect(login.revokeToken(visitor, listed?.id ?? '')).toBe(true)
    expect(() => login.visitor(token)).toThrow(expect.objectContaining({ code: 'LOGIN_REFUSED' }))
  })
})

/** The password is being looked at: nothing else has had its turn before. */
async function begun(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await Promise.resolve()
}

function never(): never {
  throw new Error('there is no admin')
}
