import { expect, test } from 'vitest'
import { EMPTY_LOGIN, hopsOf, isJump } from './ssh-login.ts'

test('a login goes through its jump host', () => {
  expect([isJump(''), isJump('me@gate:2222'), isJump('gate')]).toEqual([true, true, false])
  expect(hopsOf({ ...EMPTY_LOGIN, host: ' board ', user: 'pi', password: 'x', jump: 'me@gate:2222' })).toEqual([
    { host: 'gate', port: 2222, user: 'me', keys: [], hasUsualKeys: true },
    { host: 'board', port: 22, user: 'pi', keys: [], hasUsualKeys: true, password: 'x' },
  ])
  expect(hopsOf({ ...EMPTY_LOGIN, host: 'board', keyPath: '/k' })).toMatchObject([{ user: 'root', password: null, keys: [{ path: '/k' }] }])
})
