import { contract } from '@contract/index.ts'
import type { AuditEntry } from '@contract/audit.ts'
import type { OperationMeta } from '@contract/operations.ts'
import { expect, test } from 'vitest'
import { WORDS, aboutOf, actionWords } from './audit-words.ts'

const entry = (action: string, input: unknown): AuditEntry => ({
  ...{ id: 1, at: 1000, actor: 'admin', token: '', address: '', outcome: 'done', action },
  detail: input === undefined ? '' : typeof input === 'string' ? input : JSON.stringify(input),
})
const names = new Map([['d1', 'desk']])

test('every order that is noted has words, and no other', () => {
  const orders = Object.entries(contract).flatMap(([group, operations]) =>
    Object.entries<{ '~orpc': { meta: OperationMeta } }>(operations)
      .filter(
        ([
          ,
          {
            '~orpc': { meta },
          },
        ]) => meta.isRead !== true && meta.isPart !== true,
      )
      .map(([name]) => `${group}.${name}`),
  )
  expect(Object.keys(WORDS).toSorted()).toEqual(['login', 'terminal.record', 'folders.upload', ...orders].toSorted())
  expect(actionWords('devices.rename')).toBe('Rename a device')
  expect(actionWords('POST /v1/useradm/users')).toBe('POST /v1/useradm/users')
})

test('an order is about devices by their names, and about what tells it from others', () => {
  expect(aboutOf(entry('devices.rename', { id: 'd1', name: 'bench 3' }), names)).toBe('desk, bench 3')
  expect(aboutOf(entry('deployments.create', { name: 'lab', artifactName: 'v2', target: { kind: 'all' } }), names)).toBe('lab, v2')
  expect(aboutOf(entry('server.setAcceptMode', { acceptMode: 'all' }), names)).toBe('every device is accepted')
  expect(aboutOf(entry('devices.decommission', { id: 'gone' }), names)).toBe('gone')
  expect(aboutOf(entry('login', undefined), names)).toBe('')
  const flash = { source: 'v2.img', sha256: null, targets: [{ path: '/dev/sda' }, { path: '/dev/sdb' }] }
  expect(aboutOf(entry('flash.start', flash), names)).toBe('v2.img, /dev/sda, /dev/sdb')
  expect(aboutOf(entry('consoles.openSsh', { hops: [{ host: '10.0.0.2', user: 'pi' }] }), names)).toBe('10.0.0.2')
  expect(aboutOf(entry('station.void', { serial: 'A1', reason: 'scratched card' }), names)).toBe('A1, scratched card')
  expect(aboutOf(entry('account.setPassword', { currentPassword: '…', password: '…' }), names)).toBe('')
  expect(aboutOf(entry('x', '{"cut…'), names)).toBe('{"cut…')
})
