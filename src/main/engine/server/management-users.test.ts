import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bench, PASSWORD, openBench } from './management.cases.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

const USERADM = '/api/management/v1/useradm'
const USERS = `${USERADM}/users`
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })
const logIn = async (user: string) =>
  bench.call({ method: 'POST', path: `${USERADM}/auth/login`, token: null, headers: basic(user), body: {} })

async function addUser(email: string, password = 'long enough'): Promise<string> {
  const { status, headers } = await bench.call({ method: 'POST', path: USERS, body: { email, password } })
  expect(status).toBe(201)
  return String(headers.location).split('/').at(-1) ?? ''
}

describe('users', () => {
  it('are made, found, and log in', async () => {
    const id = await addUser('ann@lab.example')
    const { text: token } = await logIn('ann@lab.example:long enough')
    expect((await bench.call({ method: 'GET', path: `${USERS}/me`, token })).json).toMatchObject({ id, email: 'ann@lab.example' })
    expect((await bench.call({ method: 'GET', path: `${USERS}/{id}`, params: { id } })).json).toMatchObject({
      email: 'ann@lab.example',
      login_ts: expect.stringMatching(/Z$/),
    })
    const emails = async (query: string) =>
      JSON.parse((await bench.call({ method: 'GET', path: USERS, query })).text).map(({ email }: { email: string }) => email)
    expect(await emails('')).toEqual(['admin', 'ann@lab.example'])
    expect(await emails(`?id=${id}`)).toEqual(['ann@lab.example'])
    expect(await emails('?email=admin&email=nobody')).toEqual(['admin'])
    expect(await emails('?created_after=99999999999')).toEqual([])
    expect((await bench.call({ method: 'GET', path: `${USERS}/{id}`, params: { id: 'x' } })).status).toBe(404)
  })

  it.each([
    ['a name that is taken', { email: 'admin', password: 'long enough' }, 422],
    ['a short password', { email: 'ann', password: 'short' }, 422],
    ['no name', { password: 'long enough' }, 400],
    ['something else than an object', ['x'], 400],
  ])('are not made with %s', async (_, body, status) => {
    expect((await bench.call({ method: 'POST', path: USERS, body })).status).toBe(status)
    expect(bench.parts.store.users.list()).toHaveLength(1)
  })

  it('are changed: a new password ends the sessions, and the own one wants the one before', async () => {
    const id = await addUser('ann')
    const { text: token } = await logIn('ann:long enough')
    const one = { path: `${USERS}/{id}`, params: { id } }
    expect((await bench.call({ ...one, method: 'PUT', body: { email: 'anna' } })).status).toBe(204)
    expect((await bench.call({ ...one, method: 'PUT', body: { email: 'admin' } })).status).toBe(422)
    for (const path of [`${USERS}/me`, '/api/management/v2/useradm/users/me']) {
      const me = (body: unknown) => bench.call({ method: 'PUT', path, token, body })
      expect((await me({ password: 'another one', current_password: 'wrong' })).status).toBe(422)
      expect((await me({ password: 'another one' })).status).toBe(422)
    }
    expect((await bench.call({ ...one, method: 'PUT', body: { password: 'another one' } })).status).toBe(204)
    expect((await bench.call({ method: 'GET', path: `${USERS}/me`, token })).status).toBe(401)
    expect((await logIn('anna:another one')).status).toBe(200)
    expect((await bench.call({ method: 'PUT', path: `${USERS}/{id}`, params: { id: 'x' }, body: {} })).status).toBe(404)
  })

  it('get no name that another takes at the same moment, and no password then either', async () => {
    const ids = [await addUser('ann'), await addUser('bob')]
    const body = { email: 'eve', password: 'another one' }
    const answers = await Promise.all(ids.map((id) => bench.call({ method: 'PUT', path: `${USERS}/{id}`, params: { id }, body })))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 422])
    expect((await logIn('eve:another one')).status).toBe(200)
    const [left = ''] = ['ann', 'bob'].filter((name) => bench.parts.store.users.byName(name))
    expect((await logIn(`${left}:long enough`)).status).toBe(200)
  })

  it('change the own password', async () => {
    const body = { password: 'another one', current_password: PASSWORD }
    expect((await bench.call({ method: 'PUT', path: `${USERS}/me`, body })).status).toBe(204)
    expect((await logIn('admin:another one')).status).toBe(200)
    expect((await logIn(`admin:${PASSWORD}`)).status).toBe(401)
  })

  it('go with their tokens; the first one stays', async () => {
    const id = await addUser('ann')
    const { text: token } = await logIn('ann:long enough')
    const remove = (of: string) => bench.call({ method: 'DELETE', path: `${USERS}/{id}`, params: { id: of } })
    expect((await remove(id)).status).toBe(204)
    expect((await remove(id)).status).toBe(204)
    expect((await bench.call({ method: 'GET', path: `${USERS}/me`, token })).status).toBe(401)
    const admin = bench.parts.store.users.byName('admin')?.id ?? ''
    const url = `${USERS}/${admin}`
    const headers = { authorization: `Bearer ${bench.token}` }
    expect((await bench.app.inject({ method: 'DELETE', url, headers })).statusCode).toBe(422)
    expect(bench.parts.store.users.list()).toHaveLength(1)
  })
})

describe('settings', () => {
  it.each([`${USERADM}/settings`, `${USERADM}/settings/me`])('at %s keep any object, unless somebody else was quicker', async (path) => {
    const first = await bench.call({ method: 'GET', path })
    expect(first.json).toEqual({})
    const write = (body: unknown, etag?: unknown) =>
      bench.call({ method: 'POST', path, body, headers: typeof etag === 'string' ? { 'if-match': etag } : {} })
    expect((await write({ columns: ['a', 'b'] }, first.headers.etag)).status).toBe(201)
    expect((await write({ columns: [] }, first.headers.etag)).status).toBe(412)
    const second = await bench.call({ method: 'GET', path })
    expect(second.json).toEqual({ columns: ['a', 'b'] })
    expect(second.headers.etag).not.toBe(first.headers.etag)
    expect((await write('text')).status).toBe(400)
    expect((await write({ big: 'x'.repeat(70_000) })).status).toBe(400)
  })

  it('of one user are not those of another', async () => {
    await addUser('ann')
    const { text: token } = await logIn('ann:long enough')
    const path = `${USERADM}/settings/me`
    await bench.call({ method: 'POST', path, body: { mine: true } })
    expect((await bench.call({ method: 'GET', path, token })).json).toEqual({})
  })
})
