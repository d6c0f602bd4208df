import { describe, expect, it } from 'vitest'
import { type TokenScope, tokenScope } from '../../contract/tokens.ts'
import { type Need, isAllowed, needOfOperation, needOfRequest } from './scopes.ts'

const read = (area: Need['area']): Need => ({ area, access: 'read' })
const write = (area: Need['area']): Need => ({ area, access: 'write' })

describe('a token', () => {
  it.each<[TokenScope[], Need[], Need[]]>([
    [[], [read('server'), write('server'), write('devices')], []],
    [['*:read'], [read('server'), read('artifacts'), read(null), write(null)], [write('artifacts'), write('server')]],
    [['artifacts:write'], [read('artifacts'), write('artifacts')], [read('deployments'), read('server'), write('devices')]],
    [
      ['artifacts:write', 'deployments:write'],
      [write('artifacts'), write('deployments')],
      [read('devices'), write('server')],
    ],
    [['devices:read'], [read('devices')], [write('devices'), read('artifacts')]],
  ])('of %j may what it says and nothing else', (scopes, allowed, refused) => {
    for (const need of allowed) expect([need, isAllowed(scopes, need)]).toEqual([need, true])
    for (const need of refused) expect([need, isAllowed(scopes, need)]).toEqual([need, false])
  })

  it('of all scopes together still makes no users, tokens or settings', () => {
    expect(isAllowed(tokenScope.options, write('server'))).toBe(false)
  })
})

describe('what a request needs', () => {
  it.each<[string, string, Need]>([
    ['GET', 'deployments/artifacts/:id', read('artifacts')],
    ['POST', 'deployments/artifacts', write('artifacts')],
    ['DELETE', 'deployments/deployments/releases', write('artifacts')],
    ['GET', 'deployments/limits/storage', read('artifacts')],
    ['POST', 'deployments/deployments', write('deployments')],
    ['POST', 'deployments/deployments/statistics/list', read('deployments')],
    ['POST', 'devauth/devices/search', read('devices')],
    ['POST', 'inventory/filters/search', read('devices')],
    ['POST', 'inventory/filters', write('devices')],
    ['GET', 'deviceconnect/devices/:id', read('devices')],
    ['GET', 'deviceconnect/devices/:id/connect', write('server')],
    ['GET', 'deviceconnect/devices/:id/download', write('server')],
    ['PUT', 'deviceconnect/devices/:id/upload', write('server')],
    ['POST', 'deviceconnect/devices/:id/check-update', write('devices')],
    ['GET', 'useradm/users/me', read(null)],
    ['PUT', 'useradm/users/me', write('server')],
    ['POST', 'useradm/settings/tokens', write('server')],
    ['GET', 'auditlogs/logs', read('server')],
    ['GET', 'what/ever/comes', read('server')],
  ])('%s %s', (method, path, need) => {
    expect(needOfRequest(method, path)).toEqual(need)
  })

  it('is known of operations by their group, and the server is everything else', () => {
    expect(needOfOperation('devices', false)).toEqual(write('devices'))
    expect(needOfOperation('keys', true)).toEqual(read('server'))
    expect(needOfOperation('tokens', false)).toEqual(write('server'))
    for (const group of ['remote', 'consoles', 'boards']) expect([group, needOfOperation(group, false)]).toEqual([group, write('server')])
  })
})
